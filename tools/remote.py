"""mpremote as it is, run for us: what it says line by line, and its failures in sentences."""

import os
import queue
import subprocess
import sys
import threading

from tools import port as ports
from tools import prompt

# Longer than any single file takes, or 30 that are removed or compared.
QUIET_S = 40

# What mpremote says when what it heard makes no sense, or nothing was heard: bytes were lost.
_LOST = ("raw repl", "raw paste", "could not exec", "timeout waiting", "disconnected", "multiple")


class RemoteError(Exception):
    """A sentence for the reader: what went wrong with the board, and what to do."""


class LostError(RemoteError):
    """What was said was lost on the way, or the board fell silent: it may work the next time."""


def contact(port, wait_s=16):
    """Make sure that there is a board with MicroPython at ``port`` and end what runs on it.

    Raises RemoteError.
    """
    try:
        ports.check(port)
        prompt.hail(port, wait_s)
    except ports.PortError as error:
        raise RemoteError(str(error)) from error
    except prompt.NoPrompt as error:
        raise RemoteError(_if_gone(port) or str(error)) from error


def run(port, *steps, resume=True, on_line=None, quiet_s=QUIET_S):
    """Carry out ``steps``, each a list of words for mpremote, one after the other until one
    fails; return what was printed.

    resume: do not restart MicroPython first. on_line: called with each line as it comes. Raises
    RemoteError; LostError when nothing is heard for ``quiet_s`` seconds.
    """
    words = ["connect", port] + (["resume"] if resume else [])
    for number, step in enumerate(steps):
        words += (["+"] if number else []) + [str(word) for word in step]
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "mpremote", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=dict(os.environ, PYTHONUNBUFFERED="1"),
    )
    lines = queue.Queue()
    reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
    reader.start()
    heard = []
    try:
        while (line := lines.get(timeout=quiet_s)) is not None:
            heard.append(line)
            if on_line:
                on_line(line.rstrip("\n"))
        process.wait()
    except queue.Empty:
        if gone := _if_gone(port):
            raise RemoteError(gone) from None
        raise LostError(
            f"The board on {port} has not answered for {quiet_s:g} s. Press its reset button"
            " (EN), then give the same command again."
        ) from None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        reader.join(5)
        process.stdout.close()
    text = "".join(heard)
    if process.returncode:
        lost = not _if_gone(port) and any(mark in text for mark in _LOST)
        raise (LostError if lost else RemoteError)(explain(port, text))
    return text


def program(text, **values):
    """A step that runs ``text`` on the board, with ``values`` as its first assignments."""
    lines = [f"{name} = {value!r}\n" for name, value in values.items()]
    return ["exec", "".join(lines) + text]


def in_pieces(text, name, values, count=30):
    """Steps that run ``text`` with ``count`` of the list ``values`` at a time: a board has little
    memory for the text of a program."""
    return [
        program(text, **{name: values[at : at + count]}) for at in range(0, len(values), count)
    ]


def explain(port, text):
    """The sentence for what mpremote printed before it gave up."""
    lines = [line for line in text.splitlines() if line.strip()]
    last = lines[-1] if lines else "it gave no reason"
    if gone := _if_gone(port):
        return gone
    if "No space left" in text or "ENOSPC" in text or "OSError: 28" in text:
        return "The board's flash is full: nothing more can be written to it."
    if "DAMAGED" in text:
        path = text.split("DAMAGED")[1].split()[0]
        return f"{path} did not arrive as it was sent. Give the same command again."
    if "may be in use" in text:
        return ports.busy(port)
    found = ports.holders(port)
    if found and ("multiple access" in text or "raw" in text):
        return (
            f"{ports.busy(port)} It took away what the board answered, so the command could not be"
            " finished: give it again."
        )
    if "device disconnected" in text or "Input/output error" in text:
        return f"The connection to the board on {port} broke off ({last})."
    if "could not enter raw repl" in text or "could not exec command" in text:
        return (
            f"The board on {port} does not come to its prompt. Press its reset button (EN), then"
            " give the same command again."
        )
    if "Traceback" in text and "mpremote" not in text:
        return f"The board can not do that:\n{text.strip()}"
    return f"The board on {port} did not do as it was told: {last}"


def _if_gone(port):
    """The sentence that the port has gone, or None while it is there."""
    if port.startswith("/") and not os.path.exists(port):
        return (
            f"The board was unplugged: {port} is gone. Plug it in and give the same command again."
        )
    return None


def _read(stream, lines):
    for line in stream:
        lines.put(line)
    lines.put(None)
