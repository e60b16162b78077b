"""Stand-in for `time` on virtual time, with the ESP32's ticks: they wrap at 2**30."""

import utime

from simulator.virtual.clock import clock

_PERIOD = 1 << 30
_HALF = _PERIOD >> 1

START_S = 946_684_800
"""An ESP32 without a clock set wakes at 2000-01-01; in seconds of the unix port's epoch."""


def ticks_ms():
    return (clock.look() // 1000 + clock.ticks_start_ms) & (_PERIOD - 1)


def ticks_us():
    return (clock.look() + clock.ticks_start_ms * 1000) & (_PERIOD - 1)


ticks_cpu = ticks_us


def ticks_add(ticks, delta):
    if not -_HALF <= delta < _HALF:
        raise OverflowError("ticks interval overflow")
    return (ticks + delta) & (_PERIOD - 1)


def ticks_diff(later, earlier):
    return ((later - earlier + _HALF) & (_PERIOD - 1)) - _HALF


def sleep_us(us):
    clock.wait_until(clock.now_us + max(0, us))


def sleep_ms(ms):
    sleep_us(ms * 1000)


def sleep(seconds):
    sleep_us(int(seconds * 1_000_000))


def time():
    return START_S + clock.look() // 1_000_000


def time_ns():
    return START_S * 1_000_000_000 + clock.look() * 1000


def gmtime(seconds=None):
    return utime.gmtime(time() if seconds is None else seconds)


localtime = gmtime
mktime = utime.mktime
