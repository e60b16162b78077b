"""What a board is and what lies on it, found out by one short program that runs there."""

import json

from tools import on_board, remote

# Prints a line for each file, F size hash path, and one of JSON. Files are looked at one by one:
# a board has little memory. Hashed (SHA-256, first 16 bytes) is what the tool may have put there,
# or all (HASH_ALL).
_PROGRAM = (
    on_board.DISARM
    + """
import os, sys, json, hashlib, binascii
def digest(path):
    total = hashlib.sha256()
    buffer = bytearray(1024)
    view = memoryview(buffer)
    with open(path, 'rb') as file:
        while True:
            count = file.readinto(buffer)
            if not count:
                return str(binascii.hexlify(total.digest()[:16]), 'ascii')
            total.update(view[:count])
def walk(folder, ours):
    for entry in os.ilistdir(folder or '/'):
        name, kind = entry[0], entry[1]
        path = folder + '/' + name
        if kind & 0x4000:
            print('D 0 -', path)
            walk(path, ours if folder else name in ('firmware', 'lib'))
            continue
        size = os.stat(path)[6]
        top = not folder and name in ('boot.py', 'main.py')
        wanted = kind == 0x8000 and (HASH_ALL or ours or top)
        print('F', size, digest(path) if wanted else '-', path)
walk('', False)
try:
    import umqtt.simple as u
    umqtt = getattr(u, '__file__', '') or ''
except ImportError:
    umqtt = None
access = None
try:
    with open('/access.txt') as file:
        access = file.read(80).strip()
except (OSError, ValueError):
    pass
ssid = False
try:
    with open('/config.json') as file:
        c = json.load(file)
    w, e = c.get('wifi') or {}, c.get('ethernet') or {}
    ssid = bool(w.get('ssid') or w.get('networks') or e.get('use'))
except (OSError, ValueError, AttributeError):
    pass
space = os.statvfs('/')
what = sys.implementation
print('SURVEY' + json.dumps({
    'platform': sys.platform, 'name': what[0], 'version': list(what[1])[:3],
    'mpy': getattr(what, '_mpy', None), 'machine': getattr(what, '_machine', ''),
    'block': space[1], 'free': space[0] * space[3], 'total': space[1] * space[2],
    'umqtt': umqtt, 'access': access, 'ssid': ssid,
    'id': str(binascii.hexlify(machine.unique_id()), 'ascii')}))
"""
)


class Survey:
    """``files``: {path: (size in bytes, first 32 hex digits of the SHA-256 or None)}; ``folders``:
    paths; all absolute. ``facts``: the rest as _PROGRAM says it: platform, name, version (a list
    of three numbers), mpy (sys.implementation._mpy), machine, block, free and total (bytes), umqtt
    (the path of the module, "" if built in, None if there is none), access (password), ssid (True
    if a network is configured), id (hex)."""

    def __init__(self, files, folders, facts):
        self.files = files
        self.folders = folders
        self.facts = facts

    @property
    def board(self):
        """The name of the board's access point, which is also that of the board."""
        return f"twc-bridge-{self.facts['id'][-4:]}"

    @property
    def version(self):
        """MicroPython's, as text."""
        return ".".join(str(part) for part in self.facts["version"])


def look(port, *, hash_all=False):
    """Ask the board at ``port``, whose firmware ends by this. Raises RemoteError."""
    step = remote.program(_PROGRAM, HASH_ALL=hash_all)
    # Without resume: MicroPython starts anew, with an empty memory and without main.py.
    return read(remote.run(port, step, resume=False))


def read(output):
    """The Survey in what _PROGRAM printed. Raises RemoteError when there is none."""
    files, folders = {}, []
    for line in output.splitlines():
        if line.startswith("SURVEY"):
            try:
                return Survey(files, folders, json.loads(line.removeprefix("SURVEY")))
            except ValueError:
                break
        words = line.split(" ", 3)
        if len(words) == 4 and words[0] == "F" and words[1].isdigit():
            files[words[3]] = (int(words[1]), None if words[2] == "-" else words[2])
        elif len(words) == 4 and words[0] == "D":
            folders.append(words[3])
    raise remote.RemoteError(f"The board did not say what it holds:\n{output.strip()[-2000:]}")
