"""Half an hour of what `make soak HOURS=24` plays for a day: weather on the bus, broker, Wi-Fi,
clients, readings and power, one after the other; nothing dangerous is said, nothing fails, and
the memory that is in use comes back."""

from simulator.virtual.long_day import run

run(2, 5, slots=3)
