"""Why the firmware ended, kept for the next start: it counts the crashes, and tells why. Loaded at
the start, and at the end; dropped.

The first line of the RTC's memory (what follows: watchdog.py) is "twc", how it ended, how many
starts in a row did not last, how often last_words.txt was written lately, seconds of earlier lives
since then, and the version. How it ended is a number: 1 it runs (a reset that nobody announced), 2
so in safe mode, 3 asked for, 4 asked for with safe mode, 5 an exception, 6 stopped at the prompt.

A start has crashed if an exception or the watchdog ended it, or a panic of the chip, which
machine.reset_cause() calls a HARD_RESET like machine.reset() (ports/esp32/modmachine.c). Power
that was cut, a brownout and the reset button are PWRON_RESET: then nothing is counted.
"""

import gc
import os
import sys
import time

from micropython import const

from firmware import VERSION, board

# Of machine.reset_cause().
_POWER_ON = const(1)
_WATCHDOG = const(3)
_SOFT = const(5)

_RUNS = const(1)
_SAFE = const(2)
_ASKED_SAFE = const(4)
_EXCEPTION = const(5)
_PROMPT = const(6)

_TIMEOUT_MS = const(20000)
_PROMPT_MS = const(1000000000)  # 11 days

_HELD_MS = const(3000)
_LASTED_S = const(300)
_MOST_CRASHES = const(3)
_LONGEST = const(300)  # of a sentence in the RTC memory
_LONGEST_FILE = const(1024)
_MOST_WRITES = const(4)  # of last_words.txt in a day
_DAY_S = const(86400)

_FILE = "last_words.txt"
_NEW = "last_words.new"


def begin():
    """Whether the firmware has to run in safe mode: after crashes, or because the stop pin was
    held for less than 3 s; None: not at all, because it was held for longer. Begins the record of
    this life, and the watchdog."""
    from firmware import board_pins, settings

    config = settings.load()[0]["board"]
    pin = config["stop_pin"]
    pressed = pin is not None and board_pins.is_low(pin)
    if pressed and _is_held(board_pins, pin):
        _leave()
        print("Stop pin held: the firmware is not started. Release it and reset to start.")
        return None
    # A version on trial is always watched, see boot.py.
    if config["watchdog"] or settings.exists("update.try"):
        from firmware import watchdog

        watchdog.dog = board.WDT(timeout=_TIMEOUT_MS)
    try:
        return _begin(pressed, settings.exists("update.try"))
    except Exception as error:
        # What is only about the past must not keep the board from starting.
        sys.print_exception(error)
        board.RTC().memory(b"")
        return pressed


def stopped():
    """Leaves the board at its prompt, after Ctrl-C."""
    _leave()
    print("Stopped by Ctrl-C. The bus is silent now: cars stop within 30 s.")
    print("Ctrl-D starts the firmware again.")


def failed(error):
    """Keeps an exception that has ended the firmware, and its traceback in last_words.txt."""
    head, _, uptime_s, free = _read()
    what = f"{error.__class__.__name__}: {error}"
    writes = head[2]
    _end(_EXCEPTION, what, writes + 1)
    if writes < _MOST_WRITES:
        _write(f"twc-bridge {VERSION}, after {_duration(uptime_s)}, {free} bytes free:\n", error)


def asked(state, why):
    """Keeps that the firmware ends now because that was asked for: `state` 3, or 4 to go on in
    safe mode. `why`: a sentence."""
    _end(state, why)


def _leave():
    # The watchdog goes on at the prompt, and can't be stopped.
    board.WDT(timeout=_PROMPT_MS)
    _end(_PROMPT, "")


def _is_held(pins, pin):
    """Whether a button stays pressed for 3 s."""
    for _ in range(_HELD_MS // 50):
        time.sleep_ms(50)
        if not pins.is_low(pin):
            return False
    return True


def _begin(pressed, on_trial):
    cause = board.reset_cause()
    head, what, uptime_s, free = _read()
    state, crashes, writes, spent_s, version = head
    if cause == _POWER_ON:
        state = crashes = writes = spent_s = 0
    spent_s += uptime_s
    if spent_s >= _DAY_S:
        writes = spent_s = 0
    ran = state == _RUNS or state == _SAFE
    crashed = state == _EXCEPTION or ran and cause not in (0, _SOFT)
    if not crashed or uptime_s >= _LASTED_S or version != VERSION or state == _SAFE or on_trial:
        crashes = 0  # if safe mode is no better, the other one is tried again
    else:
        crashes += 1
    lasted = _duration(uptime_s)
    if not state:
        words = "Power came on, or the reset button was pressed."
        if cause != _POWER_ON:
            words = "Started anew; what was before is not known."
    elif state == _EXCEPTION:
        words = f"It failed after {lasted}: {what}"
    elif state == _PROMPT:
        words = f"It was stopped at the prompt after {lasted}."
    elif not ran:
        words = what
    elif not crashed:
        words = "It was started anew by hand."
    else:
        who = "the chip"
        why = "a panic, or a reset that nobody announced"
        if cause == _WATCHDOG:
            # See watchdog.py.
            who, why = "the watchdog", "nothing ran any more"
            if what == "1":
                why = "the bus has sent nothing for 5 s"
            elif what == "2":
                why = "nothing was decided for 5 s"
            elif what:
                why += ", begun last was: " + what
        words = f"Reset by {who} after {lasted}: {why} ({free} bytes were free)."
        if writes < _MOST_WRITES:
            writes += 1
            _write(words + "\n")
    safe = pressed or state == _ASKED_SAFE or crashes >= _MOST_CRASHES and not on_trial
    if crashes > 1:
        words += f" {crashes} starts in a row did not last 5 min."
    if pressed:
        words += " The stop pin was held for a moment."
    if safe:
        words += " This is safe mode."
    head = _SAFE if safe else _RUNS, crashes, writes, spent_s, VERSION
    _keep(head, words, 0, gc.mem_free(), "")
    return safe


def _read():
    """((how it ended, crashes, writes, seconds, version), what was begun last, or why it ended,
    uptime in s, free bytes): how it ended is 0 if there is no record."""
    try:
        lines = board.RTC().memory().decode().split("\n")
        mark, state, crashes, writes, spent_s, version = lines[0].split(" ")
        uptime_s, _, rest = lines[3].partition(" ")
        free, _, what = rest.partition(" ")
        if mark == "twc":
            head = int(state), int(crashes), int(writes), int(spent_s), version
            return head, what, int(uptime_s), int(free)
    except (ValueError, IndexError, UnicodeError):
        pass
    return (0, 0, 0, 0, VERSION), "", 0, 0


def _end(state, what, writes=None):
    from firmware import watchdog

    head, _, uptime_s, free = _read()
    head = state, head[1], head[2] if writes is None else writes, head[3], head[4]
    _keep(head, watchdog.restarted(), uptime_s, free, what)


def _keep(head, restarted, uptime_s, free, what):
    head = " ".join([str(value) for value in ("twc",) + head])
    now = f"{uptime_s} {free} {_line(what)}"
    board.RTC().memory(f"{head}\n{_line(restarted)}\n\n{now}".encode())


def _line(text):
    return text.replace("\n", " ")[:_LONGEST]


def _duration(seconds):
    if seconds < 120:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _write(text, error=None):
    """Writes the file: a text, and the traceback of an exception."""
    try:
        with open(_NEW, "w") as file:
            file.write(text)
            if error:
                sys.print_exception(error, file)
        if os.stat(_NEW)[6] > _LONGEST_FILE:
            with open(_NEW) as file:
                text = file.read()
            # Its end says what failed.
            with open(_NEW, "w") as file:
                file.write(text[: _LONGEST_FILE // 2 - 13] + "\n(and so on)\n")
                file.write(text[-_LONGEST_FILE // 2 :])
        os.rename(_NEW, _FILE)
    except OSError:
        pass  # a full flash must not keep the board from starting again
