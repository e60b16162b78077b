"""Stand-in for MicroPython's `esp32`: nothing of the chip can be read on a desktop.

The module exists so that an import works; each function is missing, as it is on some chips of the
family, and firmware that asks for one must do without.
"""
