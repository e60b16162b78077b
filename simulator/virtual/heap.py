"""Stand-in for `gc`, which is built in: the world puts it before the firmware's eyes."""

import gc


class Heap:
    """`gc` for the firmware. It collects often, for the sake of a heap of 112 KB; the one of the
    world is over a hundred times larger, and collects by itself (gc.threshold in world.py)."""

    _looks = 0
    _free = 0

    @staticmethod
    def mem_free():
        # Noted each second by the firmware; to count that of the world takes a millisecond.
        if not Heap._looks % 64:
            Heap._free = gc.mem_free()
        Heap._looks += 1
        return Heap._free

    mem_alloc = gc.mem_alloc

    @staticmethod
    def collect():
        pass

    @staticmethod
    def threshold(amount=-1):
        return -1
