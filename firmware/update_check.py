"""Checks the manifest of a release before its files are written. Loaded for it, and dropped.

/release.pub on the board (the modulus of a public key in hex digits; see make key): only releases
that are signed with that key are taken.
"""

import asyncio
import os
import sys

from micropython import const

from firmware import forget

_FLASH_SLOT_MS = const(150)
# What is left over for all else that is written: state, journal, a new configuration.
_KEPT_BYTES = const(65536)
_FOLDER_BYTES = const(8192)  # two blocks of 4 KB
_FOLDERS = const(6)

_KEY = "release.pub"


async def check(app, path, digest, signature, rest):
    """Returns the version. Raises ValueError with a sentence why the release is not taken, OSError
    if flash can't be read. `digest`: the SHA-256 of the manifest, which is in the file `path`;
    `signature`: bytes, b"" for none; `rest`: how many bytes the body still has for the files."""
    if _KEY in os.listdir():
        await _check_signature(app, digest, signature)
    import manifest

    version = None
    with open(path, "rb") as file:
        for found in manifest.look(file, boot_version(), sys.implementation._mpy & 255):
            await asyncio.sleep_ms(0)
            if found:
                version, needed, tar = found
    del manifest
    if tar != rest:
        raise ValueError(
            f"The release file is not whole: {rest} bytes where its files need {tar}."
        )
    from firmware import update_clean

    forget("firmware.update_clean")
    await update_clean.leftovers(app, False)
    needed += _FOLDERS * _FOLDER_BYTES + _KEPT_BYTES
    stat = os.statvfs("/")
    free = stat[0] * stat[3]
    if free < needed:
        raise ValueError(
            f"Flash has {free // 1024} KB free, the update needs {needed // 1024} KB: remove what "
            "is not the firmware's."
        )
    return version


async def _check_signature(app, digest, signature):
    import signature as lib

    forget("signature")
    with open(_KEY) as file:
        modulus, size = lib.key(file.read(1024))
    if not signature:
        raise ValueError("The release is not signed, and the board has a release.pub.")
    # It stops the chip for some 50 to 100 ms.
    await app.bus.slot(150, "page")
    if not lib.fits(modulus, size, digest, signature):
        raise ValueError(
            "The release is signed by another key than release.pub, or changed since."
        )


def boot_version():
    """Which boot.py the board has: BOOT there; 0 if it does not say."""
    try:
        with open("boot.py") as file:
            for line in file:
                if line.startswith("BOOT = "):
                    return int(line[7:])
    except (OSError, ValueError):
        pass
    return 0
