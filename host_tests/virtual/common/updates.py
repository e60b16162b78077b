"""What the scripts about updates share: the app and the requests, as far as an update needs them,
and two versions of a firmware."""

import sys

sys.path.append(__file__.rsplit("/", 1)[0] + "/../../pure")

import release_bench as bench

MPY = sys.implementation._mpy & 255
OLD = (
    ("firmware/__init__.py", b""),
    ("firmware/start.py", b"def main():\n    ran('old')\n"),
    ("firmware/gone.txt", b"only in the old one\n"),
)
NEW = (
    ("firmware/__init__.py", b"# new\n"),
    ("firmware/lib/a.txt", bytes(range(256)) * 5),
    ("firmware/start.mpy", b""),
    ("firmware/start.py", b"def main():\n    ran('new')\n"),
    ("firmware/web/b.gz", b"gz"),
)
# start.mpy is what a release must have; what runs here is start.py.
GOOD = bench.release(NEW, mpy=MPY)
MANIFEST = ("firmware/manifest.txt", bench.manifest(NEW, mpy=MPY))


class Part:
    """The app, as far as an update needs it."""

    large = False
    update = None

    def __init__(self):
        self.told = []
        self.restarted = None
        self.bus = self.journal = self

    async def slot(self, ms, cause):
        assert ms <= 150

    def tell(self, level, text):
        assert text[-1] == ".", text
        self.told.append(text)

    def restart(self, why):
        self.restarted = why


class Request:
    waits = False

    def __init__(self, data, length=None):
        # What came with the header, and the rest in pieces of any size.
        self.body = data[:200]
        self.rest = data[200:]
        self.length = len(data) if length is None else length

    def more_time(self, ms):
        pass

    async def readinto(self, buffer):
        count = min(len(buffer), len(self.rest), 700)
        buffer[:count] = self.rest[:count]
        self.rest = self.rest[count:]
        return count
