"""Stand-in for `select`: a poll that would wait lets virtual time pass instead.

Objects are asked through `ioctl(3, flags)`, as MicroPython asks every stream.
"""

from simulator.virtual.clock import clock

POLLIN = 1
POLLPRI = 2
POLLOUT = 4
POLLERR = 8
POLLHUP = 16

_POLL_REQUEST = 3


class _Poll:
    def __init__(self):
        self._asked = {}
        self._idle_at = None  # clock.changes when nothing was ready

    def register(self, stream, flags=POLLIN | POLLOUT):
        self._idle_at = None
        self._asked[id(stream)] = (stream, flags)

    def modify(self, stream, flags):
        if id(stream) not in self._asked:
            raise OSError(2)
        self._idle_at = None
        self._asked[id(stream)] = (stream, flags)

    def unregister(self, stream):
        self._asked.pop(id(stream), None)

    def poll(self, timeout=-1):
        """Ready objects as (stream, flags); waits at most `timeout` virtual ms, -1: for ever."""
        limit_us = None
        if timeout is not None and timeout > 0:
            # Whole milliseconds, so that a timeout of 5 ends when the ticks have moved by 5.
            limit_us = (clock.now_us // 1000 + timeout) * 1000
        while True:
            if clock.changes != self._idle_at:
                ready = []
                for stream, flags in self._asked.values():
                    found = stream.ioctl(_POLL_REQUEST, flags)
                    if found:
                        ready.append((stream, found))
                if ready:
                    clock.look()
                    return ready
                if clock.now_us > clock.busy_until_us:
                    self._idle_at = clock.changes
            if timeout == 0:
                clock.look()
                return ()
            if not clock.poll_step(limit_us):
                return ()

    ipoll = poll


def poll():
    return _Poll()
