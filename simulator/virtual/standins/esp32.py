"""Stand-in for `esp32`: the readings that need no hardware."""


def mcu_temperature():
    """Degrees Celsius."""
    return 45


def idf_heap_info(capabilities):
    """One region as (size, free, largest free block, least free ever), all bytes."""
    return [(160_000, 100_000, 60_000, 90_000)]


HEAP_DATA = 4
