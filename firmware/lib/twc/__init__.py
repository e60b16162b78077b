"""The load-sharing bus of Gen2 wall connectors: frames, messages, and the master's part in them.

Pure: no hardware, no network, no asyncio, no clock of its own (every call that needs the time
is given `now_ms`, whole milliseconds that only ever grow).
"""
