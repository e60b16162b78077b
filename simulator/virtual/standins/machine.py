"""Stand-in for `machine`: pins and the UART of the simulated board, and its reset."""

from simulator.virtual.board import board
from simulator.virtual.clock import Reset, clock
from simulator.virtual.uart import UART  # noqa: F401  (machine.UART)

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5


class Pin:
    """A pin of the simulated board; the same number is the same pin."""

    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_UP = 2
    PULL_DOWN = 1

    def __init__(self, number, mode=-1, pull=-1, *, value=None):
        self.number = number
        if pull == self.PULL_UP:
            board.pull_up(number)
        if value is not None:
            self.value(value)

    def init(self, mode=-1, pull=-1, *, value=None):
        self.__init__(self.number, mode, pull, value=value)

    def value(self, level=None):
        if level is None:
            return board.level(self.number)
        board.set_level(self.number, 1 if level else 0)

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)


class WDT:
    """The watchdog, which really resets: fed too late in virtual time, it ends this run. There is
    one; making it again changes its time. `board.fed_ms`: how long at most it was not fed."""

    def __init__(self, id=0, timeout=5000):
        board.wdt_timeout_us = timeout * 1000
        board.wdt_fed_us = None
        self.feed()

    def feed(self):
        now_us = clock.now_us
        if board.wdt_fed_us is not None:
            board.fed_ms = max(board.fed_ms, (now_us - board.wdt_fed_us) // 1000)
        board.wdt_fed_us = now_us
        self._wait()

    def _wait(self):
        due_us = board.wdt_fed_us + board.wdt_timeout_us
        if board.wdt_due_us is None or due_us < board.wdt_due_us:
            board.wdt_due_us = due_us
            clock.at_aside(due_us, self._check, board.life, due_us)

    def _check(self, life, due_us):
        if life != board.life or due_us != board.wdt_due_us:
            return
        board.wdt_due_us = None
        if clock.now_us < board.wdt_fed_us + board.wdt_timeout_us:
            return self._wait()
        board.reset_cause = WDT_RESET
        raise Reset("watchdog")


class RTC:
    """The memory that outlives a reset; `World.power_cut()` empties it."""

    def memory(self, data=None):
        if data is None:
            return board.rtc_memory
        if len(data) > 2048:
            raise ValueError("buffer too long")
        board.rtc_memory = bytes(data)


def reset():
    board.reset_cause = HARD_RESET
    raise Reset("machine.reset()")


def soft_reset():
    board.reset_cause = SOFT_RESET
    raise Reset("machine.soft_reset()")


def reset_cause():
    return board.reset_cause


def unique_id():
    return b"\x24\x0a\xc4\x00\x24\x33"


def freq(*args):
    return 160_000_000
