"""POST /api/update: takes a release file, checks it as it comes, and has the board start with it.

In the root of flash: `firmware` runs, `firmware.new` is being written, `update.new` is its
manifest meanwhile, `update.go` says that all of it was right: then boot.py changes the names at
the next start (docs/update.md). Nothing that runs is touched here. Loaded for it, and dropped.
"""

import asyncio
import json
import os
from binascii import hexlify
from hashlib import sha256

from micropython import const

import ustar
from firmware import forget

_PIECE = const(1024)
_MOST_BYTES = const(1500000)
_LARGEST_MANIFEST = const(32768)
_LARGEST_SIGNATURE = const(384)
_PATIENCE_MS = const(15000)  # for the client to go on sending
_CLEANING_MS = const(120000)
_FLASH_SLOT_MS = const(150)

_MANIFEST = "update.new"
_NEW = "firmware.new"


async def post(app, request, reader, writer):
    """Carries it out for the firmware.app.App: returns (status, text, more header lines); raises
    OSError if the client goes away. `app.large` is 2 meanwhile: nobody else is answered."""
    status, why = _refusal(request)
    if why:
        forget("ustar")
        return status, why, b""
    while app.large:
        await asyncio.sleep_ms(20)
    app.large = 2
    version = None
    body = _Body(request, reader)
    try:
        if request.waits and not request.body:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await writer.drain()
        try:
            version = await _take(app, body)
        except ValueError as error:
            status, why = "400 Bad Request", str(error)
        except OSError as error:
            status = "507 Insufficient Storage"
            why = f"The update can not be written to flash ({error}). The board stays as it is."
        # A client that is still sending would not look at the answer.
        while body.left:
            await body.take(min(body.left, _PIECE))
    except (EOFError, asyncio.CancelledError):
        app.journal.tell("warning", "Update: the upload broke off. The board stays as it is.")
        raise OSError
    finally:
        app.large = False
        forget("ustar")
        forget("manifest")
        if not version:
            asyncio.create_task(_clean(app))
    if not version:
        app.journal.tell("warning", "Update refused: " + why)
        return status, why, b""
    app.restart(f"Restart, to run version {version}.")
    return "200 OK", json.dumps({"version": version, "restart": True}), b""


def _refusal(request):
    there = os.listdir()
    if "update.go" in there:
        return "409 Conflict", "The board is about to start with an update: wait for it."
    if "update.try" in there:
        return "409 Conflict", "The version that runs is on trial: wait a minute, then try again."
    if not request.length:
        return "400 Bad Request", "Send a release file (twc-bridge-….tar) as the body."
    if request.length > _MOST_BYTES:
        return "413 Payload Too Large", f"No release has more than {_MOST_BYTES} bytes."
    return "", ""


async def _clean(app):
    """What is left of an update; see update_clean.py."""
    await app.bus.slot(150, "page")
    from firmware import update_clean

    forget("firmware.update_clean")
    await update_clean.leftovers(app)


class _Body:
    """The body of a request, as it comes; `left`: bytes of it."""

    def __init__(self, request, reader):
        self.left = request.length
        self.more_time = request.more_time
        self._request = request
        self._reader = reader
        self._buffer = memoryview(bytearray(_PIECE))

    async def take(self, count):
        """The next bytes, at most 1024, good until the next call. Raises ValueError if the body
        has not so many, EOFError if the client goes away."""
        if count > self.left:
            raise ValueError("The release file ends too early.")
        request, buffer = self._request, self._buffer
        at = min(count, len(request.body))
        buffer[:at] = request.body[:at]
        if at:
            request.body = request.body[at:]
        while at < count:
            self.more_time(_PATIENCE_MS)
            try:
                size = await self._reader.readinto(buffer[at:count])
            except OSError:
                raise EOFError
            if size == 0:
                raise EOFError
            at += size or 0
        self.more_time(_PATIENCE_MS)
        self.left -= count
        return buffer[:count]

    async def zeros(self, count):
        """Takes so many bytes, which have to be zero."""
        while count:
            part = min(count, _PIECE)
            if any(await self.take(part)):
                raise ValueError("The release file is damaged between two files.")
            count -= part


async def _take(app, body):
    """Takes all of it; returns the version when it is ready for boot.py. Raises ValueError with a
    sentence, OSError if flash does not take it, EOFError if the client goes away."""
    name, size = ustar.member(await body.take(ustar.BLOCK_BYTES))
    if name != "manifest.txt" or size > _LARGEST_MANIFEST:
        raise ValueError(
            "This is no release file of twc-bridge: it does not begin with a manifest."
        )
    await app.bus.slot(150, "page")
    from firmware import update_check

    forget("firmware.update_check")
    digest = await _store(app, body, _MANIFEST, size)
    signature = b""
    name, size = ustar.member(await body.take(ustar.BLOCK_BYTES))
    if name == "manifest.sig":
        if size > _LARGEST_SIGNATURE:
            raise ValueError("The signature of the release is too long.")
        signature = bytes(await body.take(size))
        await body.zeros(ustar.padding(size))
        name, size = ustar.member(await body.take(ustar.BLOCK_BYTES))
    body.more_time(_CLEANING_MS)
    version = await update_check.check(
        app, _MANIFEST, digest, signature, ustar.BLOCK_BYTES + body.left
    )
    del update_check
    import manifest

    await app.bus.slot(_FLASH_SLOT_MS, "flash")
    os.mkdir(_NEW)
    with open(_MANIFEST, "rb") as lines:
        for _ in range(manifest.HEAD_LINES):
            lines.readline()
        line = lines.readline()
        while True:
            wanted, length, path = manifest.entry(line)
            if name != path or size != length:
                raise ValueError(f"The release has {name[:72]} where {path} should be.")
            if hexlify(await _store(app, body, _NEW + path[8:], size)) != wanted:
                raise ValueError(f"{path} is damaged: its SHA-256 is not that of the manifest.")
            line = lines.readline()
            if line.startswith(b"end "):
                break
            name, size = ustar.member(await body.take(ustar.BLOCK_BYTES))
    await body.zeros(body.left)
    await app.bus.slot(_FLASH_SLOT_MS, "flash")
    os.rename(_MANIFEST, _NEW + "/manifest.txt")
    for name in os.listdir():
        if name == "update.bad":
            await app.bus.slot(_FLASH_SLOT_MS, "flash")
            os.remove(name)
    await app.bus.slot(_FLASH_SLOT_MS, "flash")
    with open(_MANIFEST, "w") as file:
        file.write(version + "\n")
    await app.bus.slot(_FLASH_SLOT_MS, "flash")
    os.rename(_MANIFEST, "update.go")
    return version


async def _store(app, body, path, size):
    """Writes a file of so many bytes; returns the SHA-256 (bytes) of what flash has of it then."""
    slot = app.bus.slot
    await _make_folders(app, path)
    await slot(_FLASH_SLOT_MS, "flash")
    with open(path, "wb") as file:
        left = size
        while left:
            piece = await body.take(min(left, _PIECE))
            await slot(_FLASH_SLOT_MS, "flash")
            file.write(piece)
            left -= len(piece)
        await slot(_FLASH_SLOT_MS, "flash")
    await body.zeros(ustar.padding(size))
    digest = sha256()
    piece = memoryview(bytearray(_PIECE // 2))
    with open(path, "rb") as file:
        while True:
            count = file.readinto(piece)
            if not count:
                break
            digest.update(piece[:count])
            await asyncio.sleep_ms(0)
    return digest.digest()


async def _make_folders(app, path):
    """Makes those that a path in firmware.new needs and that are not there yet."""
    at = path.find("/", len(_NEW) + 1)
    while at > 0:
        try:
            os.stat(path[:at])
        except OSError:
            await app.bus.slot(_FLASH_SLOT_MS, "flash")
            os.mkdir(path[:at])
        at = path.find("/", at + 1)
