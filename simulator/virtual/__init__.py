"""The virtual world: firmware, bus, network, broker and time inside one MicroPython VM.

See `world.py` for scripts that run inside it, and `launch.py` for starting them from CPython.
"""
