"""The last frames on the bus, to be looked at as text."""

from micropython import const

# A frame has at most 20 bytes; before them stand the time, four bytes, the mark and the length.
_SLOT = const(26)
_HEAD = const(6)


class Recorder:
    """A ring of the last `frames` frames, in one piece of memory that is taken at once."""

    def __init__(self, frames):
        self.frames = frames
        self._ring = bytearray(frames * _SLOT)
        self._count = 0

    def note(self, now_ms, mark, data):
        """Takes a frame: a body or, with the mark "!", what came instead of one."""
        ring = self._ring
        at = self._count % self.frames * _SLOT
        length = min(len(data), _SLOT - _HEAD)
        for index in range(4):
            ring[at + index] = now_ms >> (8 * index) & 0xFF
        ring[at + 4] = ord(mark)
        ring[at + 5] = length
        ring[at + _HEAD : at + _HEAD + length] = data[:length]
        self._count += 1

    def lines(self):
        """Generates the recording, oldest first, as lines of text with their ends:
        "  12.345 > FB E0 …", seconds since the start (modulo 49 days), mark and bytes without
        checksum."""
        yield (
            "# seconds, then > sent, < heard, = our own echo, ! broken; "
            "bytes without escapes and checksum\n"
        )
        first = max(0, self._count - self.frames)
        for number in range(first, self._count):
            # What has been overwritten while this was being read is left out.
            if number >= self._count - self.frames:
                at = number % self.frames * _SLOT
                ring = self._ring
                ms = ring[at] | ring[at + 1] << 8 | ring[at + 2] << 16 | ring[at + 3] << 24
                data = ring[at + _HEAD : at + _HEAD + ring[at + 5]]
                text = " ".join([f"{byte:02X}" for byte in data])
                yield f"{ms // 1000:6}.{ms % 1000:03} {chr(ring[at + 4])} {text}\n"
