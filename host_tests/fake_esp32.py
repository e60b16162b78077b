"""An ESP32's prompt on a pseudo-terminal, played by the unix port, for mpremote to talk to.

A folder is the flash ("/"). A soft reset and machine.reset() end the MicroPython process; it is
started again as the chip does it: boot.py, then main.py unless a raw prompt asked for the reset.
"""

import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import threading
import tty

# Runs first in each process. The stand-in for machine is taken before "/" becomes the flash.
START = """
import os, sys, vfs, machine
try:
    import umqtt.simple
except ImportError:
    pass
sys.path[:] = ["", ".frozen", "/lib"]
class Flash:
    # VfsPosix with a root of its own puts both paths of a rename into one buffer.
    def __init__(self, root):
        self._root = root
        self._vfs = vfs.VfsPosix(root)
    def __getattr__(self, name):
        return getattr(self._vfs, name)
    def rename(self, *paths):
        vfs.VfsPosix().rename(*[self._root + p if p[0] == "/" else p for p in paths])
os.mount(Flash(sys.argv[1]), "/")
os.chdir("/")
for name in ("boot.py", "main.py")[: int(sys.argv[2])]:
    if name in os.listdir("/"):
        try:
            execfile(name)
        except Exception as error:
            sys.print_exception(error)
            break
"""


class FakeEsp32:
    """``port`` is what a real one's /dev/ttyUSB0 would be; ``flash`` is its folder.

    standins: folder with the stand-in for machine. builtin: folder of modules that this image has
    built in, or None.
    """

    def __init__(self, micropython, flash, standins, start_script, builtin=None):
        self.flash = flash
        self.resets = 0
        self.soft_resets = 0
        self._micropython = micropython
        self._path = f"{standins}:{builtin}:.frozen" if builtin else f"{standins}:.frozen"
        self._start_script = start_script
        start_script.write_text(START)
        self._outer, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.unplug()
        for descriptor in (self._stop_read, self._stop_write):
            os.close(descriptor)

    def unplug(self):
        """Off, and the device is gone. ``flash`` is what a new one can be made of."""
        if self._outer is None:
            return
        os.write(self._stop_write, b".")
        self._thread.join(10)
        for descriptor in (self._outer, self._slave):
            os.close(descriptor)
        self._outer = None

    def _run(self):
        raw = False
        files = 2  # boot.py and main.py
        while True:
            process, inner = self._spawn(files)
            if raw:
                os.write(inner, b"\x01")
            raw = self._pass_on(process, inner, raw)
            os.close(inner)
            if raw is None:
                process.kill()
                process.wait()
                return
            if process.wait() == 42:
                self.resets += 1
                raw, files = False, 2
            else:
                self.soft_resets += 1
                files = 1 if raw else 2
                os.write(self._outer, b"MPY: soft reboot\r\n")

    def _spawn(self, files):
        inner, slave = pty.openpty()
        # No line editing, no echo, no added returns; but Ctrl-C stays a signal.
        tty.setraw(slave)
        mode = termios.tcgetattr(slave)
        mode[3] |= termios.ISIG
        termios.tcsetattr(slave, termios.TCSANOW, mode)
        process = subprocess.Popen(
            [self._micropython, "-i", str(self._start_script), str(self.flash), str(files)],
            env=dict(os.environ, MICROPYPATH=self._path, MICROPYINSPECT=""),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(slave)
        return process, inner

    def _pass_on(self, process, inner, raw):
        """Copy both ways until the process ends; return whether its prompt was a raw one, or None
        when the test is over."""
        running = False  # what was sent to a raw prompt
        end = b""
        while True:
            ready, _, _ = select.select([inner, self._outer, self._stop_read], [], [], 1)
            if self._stop_read in ready:
                return None
            if self._outer in ready:
                data = os.read(self._outer, 4096)
                if running and 3 in data:
                    # The unix port leaves its terminal raw then, so that Ctrl-C is no signal.
                    os.kill(process.pid, signal.SIGINT)
                for value in data:
                    raw = {1: True, 2: False}.get(value, raw)
                running = running or bool(raw) and 4 in data
                os.write(inner, data)
            if inner in ready:
                try:
                    data = os.read(inner, 4096)
                except OSError:
                    return raw
                end = end[-1:] + data
                running = running and b"\x04>" not in end
                os.write(self._outer, data)


def _take_terminal():
    # Ctrl-C has to reach the process as a signal, so the pty must be its controlling terminal.
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
