"""Everything that hears the line, and what tests pour into it.

Runs under CPython and under MicroPython.
"""

import sys

from gate_bench import Settings
from master_bench import Box

from charging.limits import Gate
from twc import frame, message
from twc.master import Master
from twc.questions import Questions

sys.path.append((__file__.rsplit("/", 1)[0] if "/" in __file__ else ".") + "/../..")

from firmware.recorder import Recorder

IDS = (0x1111, 0x2222, 0x3333, 0x4444, 0x7777, 0x0000, 0xFFFF, 0xC0DB)
CODES = (0xFDE0, 0xFDE2, 0xFDEB, 0xFDEC, 0xFDED, 0xFDEE, 0xFDEF, 0xFDF1, 0xFDB4, 0xFDB1, 0xFDB2)
CODES += (0xFD19, 0xFD1A, 0xFD1B, 0xFBE0, 0xFBE2, 0xFCE1, 0xFC1D, 0xFBEB, 0xFB19, 0xFC19, 0xFDE0)
LENGTHS = (12, 13, 13, 14, 15, 15, 15, 19)
ALLOWED = (0xFBE0, 0xFBE2, 0xFCE1, 0xFB19, 0xFB1A, 0xFB1B)
ALLOWED += (0xFBEB, 0xFBEC, 0xFBED, 0xFBEE, 0xFBEF, 0xFBF1, 0xFBB4)


class Dice:
    """The same numbers each time."""

    def __init__(self, seed):
        self._state = seed

    def below(self, count):
        self._state = (self._state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self._state >> 12) % count

    def one(self, of):
        return of[self.below(len(of))]


def noise(dice, length):
    """Bytes of any kind, marks and escapes among them more often than chance would have it."""
    data = bytearray(length)
    for index in range(length):
        data[index] = dice.one(b"\xc0\xdb\xdc\xdd") if dice.below(8) == 0 else dice.below(256)
    return data


def sense(dice):
    """The bytes of a good frame that says anything, between a few ids."""
    body = bytearray(dice.one(LENGTHS))
    for index in range(len(body)):
        body[index] = dice.below(256)
    code, sender, receiver = dice.one(CODES), dice.one(IDS), dice.one(IDS)
    body[:6] = bytes((code >> 8, code & 255, sender >> 8, sender & 255))[:4] + bytes(
        (receiver >> 8, receiver & 255)
    )
    if dice.below(2):
        body[4:6] = b"\x77\x77"
    return frame.encode(bytes(body))


def damaged(dice):
    """A good frame, of which a byte is lost, doubled or changed."""
    wire = bytearray(sense(dice))
    at = dice.below(len(wire))
    kind = dice.below(3)
    if kind == 0:
        return wire[:at] + wire[at + 1 :]
    if kind == 1:
        return wire[:at] + bytes((wire[at],)) + wire[at:]
    wire[at] ^= 1 << dice.below(8)
    return wire


class Line:
    """Everything that hears the line, and what it sends meanwhile."""

    def __init__(self):
        self.now_ms = 0
        self.told = 0
        settings = Settings(32)
        self.gate = Gate(32, settings, {"2222": (3200, 600)}, 0)
        known = {"2222": {"rating_ca": 3200, "protocol": 2, "first_amps": 6}}
        self.master = Master("7777", self.gate, settings.min_amps, known, self._tell, 0)
        self.questions = Questions("7777", self._tell)
        self.master.on_other = self.questions.heard
        self.recorder = Recorder(20)
        self.decoder = frame.Decoder()
        self.decoder.on_bad = lambda data: self.recorder.note(self.now_ms, "!", data)
        self.box = None  # a real one, that answers

    def _tell(self, level, text):
        assert level in ("info", "warning", "error") and text
        self.told += 1

    def _body(self, body, now_ms):
        echo = self.master.heard(body, now_ms)
        self.recorder.note(now_ms, "=" if echo else "<", body)

    def hear(self, data):
        """Takes bytes, with the time they need on the line."""
        self.decoder.feed(data, len(data), self.now_ms, self._body)
        self.run(len(data) + 1)

    def run(self, ms):
        """Lets time pass, in which the master has its turns."""
        end_ms = self.now_ms + ms
        while self.now_ms < end_ms:
            if self.now_ms % 1000 < 20:
                self.master.lookout.watch(self.decoder, 1, 0, self.now_ms)
                for slave in self.master.slaves:
                    self.master.wish(slave.id, 12, self.now_ms)
                self.master.faults()
            wait_ms = self.master.wait_ms(self.now_ms)
            if wait_ms == 0:
                body = self.master.next(self.now_ms)
            else:
                free_ms = self.master.free_ms(self.now_ms)
                body = self.questions.next(self.master.slaves, free_ms, self.now_ms)
            if body is not None:
                self._send(body)
            self.now_ms += min(max(1, wait_ms), 20)

    def _send(self, body):
        if self.gate.refusal(body, self.now_ms):
            return
        code = message.function(body)
        assert code in ALLOWED
        self.master.lookout.sent(body, self.now_ms)
        if code == 0xFBE0:
            assert message.decode(body)["amps_ca"] in (0, 600, 700, 800, 900, 1000, 1100, 1200)
            if self.box and message.id_text(body, 4) == self.box.id:
                wire = frame.encode(self.box.answer(message.decode(body)))
                self.decoder.feed(wire, len(wire), self.now_ms + 40, self._body)

    def bounded(self):
        """Nothing that is kept of others grows with what they say."""
        master = self.master
        assert len(master.slaves) <= 3
        assert len(master._rested) <= 6 and len(self.questions._units) <= 6
        assert len(self.gate.claims) <= 12, len(self.gate.claims)


def pour(line, dice, count):
    """So many bytes of every kind, at least."""
    while count > 0:
        kind = dice.below(4)
        data = noise(dice, dice.below(40)) if not kind else sense(dice)
        if kind == 1:
            data = damaged(dice)
        line.hear(data)
        count -= len(data)
        if dice.below(50) == 0:
            line.run(dice.below(4000))
        line.bounded()


def heals(line):
    """After all of it a wall connector links and charges."""
    line.run(130000)  # what links there were are lost, their claims run out
    line.gate.ceiling_amps("2433", 0, line.now_ms)
    assert line.master.slaves == [] and line.gate.claims == {}
    box = line.box = Box("2433")
    box.follows = 0.98
    wire = frame.encode(box.link_ready())
    line.hear(b"\xc0" + wire)
    line.run(12000)
    assert line.master.find("2433").link(line.now_ms) == "ok"
    assert line.master.find("2433").offer_amps == 12
