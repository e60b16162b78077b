"""What the cars may take and why: inputs, the law of the surplus, relay times, and the gate.

Pure: no hardware, no network, no asyncio, no clock of its own (`now_ms` is passed in: whole
milliseconds that only ever grow).
"""
