"""The pins of the board, as config.json has them. Needed at the start, and dropped then."""

import machine


def serial(settings):
    """The UART of the bus at 9600 baud 8N1 (protocol notes, "Line and framing").

    `settings`: the "board" section of the configuration. UART 1's default pins belong to the
    flash and UART 0 is the prompt, so UART 2 is the usual one. timeout_char=0, because
    otherwise bytes are handed over only after 120 of them or a pause.
    """
    return machine.UART(
        settings["uart"],
        baudrate=9600,
        tx=settings["tx"],
        rx=settings["rx"],
        timeout=0,
        timeout_char=0,
        rxbuf=256,
    )


def hold(settings):
    """Switches on what the board of the profile needs for its transceiver: pins that are high or
    low from now on. Before anything is sent."""
    from configured_boards import hold as held
    from firmware import forget

    for number, level in held(settings["profile"]):
        machine.Pin(number, machine.Pin.OUT, value=level)
    forget("configured_boards")


def driver_enable(settings):
    """The pin that switches the transceiver to sending, off, or None for modules that switch
    by themselves."""
    number = settings["driver_enable"]
    if number is None:
        return None
    return machine.Pin(number, machine.Pin.OUT, value=0)


def is_low(number):
    """Whether an input with a pull-up is connected to ground."""
    return machine.Pin(number, machine.Pin.IN, machine.Pin.PULL_UP).value() == 0
