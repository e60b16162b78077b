"""Which question is asked when, and what is known from the answers."""

import gc

from twc import questions as module
from twc.questions import Questions

ALLOWED = (
    b"\xfb\xeb",
    b"\xfb\xb4",
    b"\xfb\xed",
    b"\xfb\xec",
    b"\xfb\xee",
    b"\xfb\xef",
    b"\xfb\xf1",
    b"\xfb\x19",
    b"\xfb\x1a",
    b"\xfb\x1b",
)
SAYS = {
    0xEB: b"\x00\x00\x03\x9c\x00\xf6\x00\xf0\x00\xf6\x20\x20\x20\x00\x00",
    0xEC: b"\x04\x05\x03\x02" + bytes(7),
    0xED: b"A17B0002433" + bytes(4),
    0xEE: b"5YJSA1E" + bytes(8),
    0xEF: b"00TEST0" + bytes(8),
    0xF1: b"001" + bytes(12),
    0xB4: b"\x03" + bytes(10),
}
OLD_SAYS = {
    0x19: b"A17I0039393",
    0x1A: b"EVWTS80HL\x00\x00",
    0x1B: b"\x03\x02\x0a" + bytes(8),
}
VIN = "5YJSA1E00TEST0001"


class FakeSlave:
    """What Questions looks at of a twc.slave.Slave, always freshly heard unless it is told."""

    def __init__(self, slave_id="2433", protocol=2):
        self.id = slave_id
        self.protocol = protocol
        self.heard_ms = 0
        self.waiting = False
        self.missed = 0
        self.state = 0
        self.draw_ca = 0
        self.rating_ca = 3200
        self.says = dict(SAYS)


class World:
    """Slaves that answer heartbeats each second (0.4 s before a question may come), and
    questions as `says` has it."""

    def __init__(self, *slaves):
        self.slaves = list(slaves)
        self.told = []
        self.questions = Questions("7777", lambda level, text: self.told.append((level, text)))
        self.now_ms = 0
        self.log = []  # (time, slave's id or "", second byte of the function)

    def run(self, seconds, step_ms=500):
        """A call every `step_ms`."""
        end_ms = self.now_ms + seconds * 1000
        while self.now_ms < end_ms:
            self.now_ms += step_ms
            for slave in self.slaves:
                if slave.heard_ms is not None and not slave.missed:
                    slave.heard_ms = self.now_ms - 400
            body = self.questions.next(self.slaves, 500, self.now_ms)
            if body is not None:
                self.answer(body)
        return self

    def answer(self, body):
        assert body[:2] in ALLOWED
        kind = body[1]
        if kind < 0x20:
            # Without ids: everybody on the line takes it for himself.
            assert body == bytes((0xFB, kind)) + bytes(11)
            self.log.append((self.now_ms, "", kind))
            for slave in self.slaves:
                if kind in slave.says:
                    answer = bytes((0xFD, kind)) + slave.says[kind]
                    assert self.questions.heard(answer, self.now_ms + 80)
            return
        assert len(body) == 15 and body[2:4] == b"\x77\x77" and body[6:] == bytes(9)
        to = f"{body[4]:02X}{body[5]:02X}"
        self.log.append((self.now_ms, to, kind))
        for slave in self.slaves:
            if slave.id == to and kind in slave.says:
                answer = bytes((0xFD, kind)) + body[4:6] + slave.says[kind]
                assert self.questions.heard(answer, self.now_ms + 80)

    def asked(self, kind, since_ms=0):
        """When a question was asked."""
        return [at for at, _, what in self.log if what == kind and at > since_ms]

    def of(self, slave_id="2433"):
        return self.questions.of(slave_id)


def gaps(times):
    return [times[index] - times[index - 1] for index in range(1, len(times))]


def test_all_that_a_unit_says_is_known_within_ten_seconds():
    world = World(FakeSlave()).run(10)
    unit = world.of()
    assert unit.serial == "A17B0002433"
    assert unit.firmware == "4.5.3.2"
    assert unit.vin == VIN
    assert unit.plug == 3 and 0 < unit.plug_ms <= 10080
    raw, volts, phase_ca, at_ms = unit.meter
    assert (raw, volts, phase_ca) == (924, [246, 240, 246], [1600, 1600, 1600])
    assert 0 < at_ms <= 10080
    assert unit.model is None
    assert world.questions.asked == world.questions.answered == len(world.log)
    assert world.told == [("info", "2433: serial A17B0002433, firmware 4.5.3.2")]


def test_nothing_is_known_of_others():
    world = World(FakeSlave()).run(10)
    assert world.of("2434") is None
    assert not world.questions.heard(b"\xfd\xec\x24\x34\x04\x05\x03\x02" + bytes(7), 1)
    assert world.of("2434") is None


def test_never_two_in_a_second_and_the_slaves_in_turn():
    slaves = [FakeSlave("1111"), FakeSlave("2222"), FakeSlave("3333")]
    for slave in slaves:
        slave.draw_ca = 1600
    world = World(*slaves).run(120)
    times = [at for at, _, _ in world.log]
    assert min(gaps(times)) == 1000
    # As long as all have something to be asked (nine each), they come one after the other.
    assert [to for _, to, _ in world.log[:12]] == ["1111", "2222", "3333"] * 4
    # And each of them gets its meter read about every five seconds.
    for slave in slaves:
        meter = [at for at, to, kind in world.log if to == slave.id and kind == 0xEB]
        assert len(meter) >= 18
        assert max(gaps(meter)[1:]) <= 9000


def test_a_question_needs_242_ms_before_the_next_heartbeat():
    for free_ms, asked in ((0, False), (241, False), (242, True), (900, True)):
        world = World()
        slave = FakeSlave()
        assert (world.questions.next([slave], free_ms, 1000) is not None) == asked


def test_no_question_within_300_ms_of_the_answer_of_that_slave():
    world = World()
    slave = FakeSlave()
    slave.heard_ms = 1000
    for now_ms in range(1000, 1300):
        assert world.questions.next([slave], 700, now_ms) is None
    assert world.questions.next([slave], 700, 1300) is not None


def test_a_slave_that_spoke_just_now_is_waited_for_but_not_for_ever():
    first, second = FakeSlave("1111"), FakeSlave("2222")
    world = World(first, second).run(2)
    assert [to for _, to, _ in world.log] == ["1111", "2222"]
    # In turn is the first one; whenever there is time, it has spoken just before.
    asked = []
    for now_ms in range(world.now_ms + 1000, world.now_ms + 3000, 10):
        first.heard_ms = now_ms - 50
        second.heard_ms = now_ms - 500
        body = world.questions.next([first, second], 300, now_ms)
        if body is not None:
            asked.append((now_ms - world.log[-1][0], body[4:6]))
    assert len(asked) == 1
    assert 1900 <= asked[0][0] <= 2100 and asked[0][1] == b"\x22\x22"


def test_a_silent_slave_is_asked_nothing():
    def no_answer_yet(slave):
        slave.heard_ms = None

    def missed(slave):
        slave.missed = 1

    def waiting(slave):
        slave.waiting = True

    for spoil in (no_answer_yet, missed, waiting):
        silent, other = FakeSlave("1111"), FakeSlave("2222")
        spoil(silent)
        world = World(silent, other).run(30)
        assert {to for _, to, _ in world.log} == {"2222"}


def test_the_meter_is_read_every_5_s_while_drawing_and_every_minute_else():
    slave = FakeSlave()
    world = World(slave).run(600)
    assert 9 <= len(world.asked(0xEB)) <= 11
    assert max(gaps(world.asked(0xEB))) <= 62000
    slave.draw_ca = 100
    start_ms = world.now_ms
    world.run(600)
    drawing = world.asked(0xEB, start_ms)
    assert drawing[0] <= start_ms + 2000
    assert 110 <= len(drawing) <= 125
    slave.draw_ca = 99
    start_ms = world.now_ms
    world.run(600)
    assert len(world.asked(0xEB, start_ms)) <= 11


def test_the_plug_is_asked_for_every_10_s():
    world = World(FakeSlave()).run(600)
    assert 57 <= len(world.asked(0xB4)) <= 61


def test_serial_and_firmware_are_asked_once_a_day():
    slave = FakeSlave()
    world = World(slave).run(60)
    slave.says = {0xED: SAYS[0xED], 0xEC: SAYS[0xEC]}  # fewer questions: a shorter log
    world.run(3 * 86400 + 600, 20000)
    for kind in (0xED, 0xEC):
        assert len(world.asked(kind)) == 4
        assert min(gaps(world.asked(kind))) >= 86390000


def test_a_question_that_is_never_answered_becomes_ever_rarer_up_to_once_an_hour():
    slave = FakeSlave()
    slave.says = {}
    world = World(slave).run(12 * 3600)
    for kind in (0xEB, 0xED, 0xEC, 0xB4, 0xEE, 0xEF, 0xF1):
        waits = gaps(world.asked(kind))
        assert len(waits) >= 12
        for index in range(1, len(waits)):
            doubled = waits[index] >= 2 * waits[index - 1] - 6000
            assert doubled or waits[index] >= 3590000, (kind, waits)
        assert 3590000 <= waits[-1] <= 3610000, (kind, waits)
    assert world.questions.answered == 0
    # An answer, and it is as before.
    slave.says = dict(SAYS)
    world.run(3700)
    start_ms = world.now_ms
    world.run(600)
    assert 57 <= len(world.asked(0xB4, start_ms)) <= 61


def test_one_lost_answer_only_doubles_the_wait():
    slave = FakeSlave()
    world = World(slave).run(100)
    del slave.says[0xB4]
    start_ms = world.now_ms
    while not world.asked(0xB4, start_ms):
        world.run(1)
    slave.says = dict(SAYS)
    world.run(60)
    waits = gaps(world.asked(0xB4, start_ms))
    assert 19000 <= waits[0] <= 22000
    assert max(waits[1:]) <= 12000


def test_a_slave_that_answers_only_some_questions():
    slave = FakeSlave()
    slave.says = {0xEC: SAYS[0xEC]}
    world = World(slave).run(3600)
    assert len(world.asked(0xEC)) == 1
    assert world.of().firmware == "4.5.3.2"
    assert world.of().serial is None and world.of().plug is None and world.of().meter is None


def test_the_vin_is_unknown_if_it_comes_as_zeros_and_asked_for_again():
    slave = FakeSlave()
    for kind in (0xEE, 0xEF, 0xF1):
        slave.says[kind] = bytes(15)
    world = World(slave)
    world.run(1)
    assert world.of().vin is None
    world.run(10)
    assert world.of().vin == ""
    world.run(3600)
    assert 6 <= len(world.asked(0xEE)) <= 8
    slave.says = dict(SAYS)
    world.run(620)
    assert world.of().vin == VIN


def test_a_vin_with_a_part_that_is_no_text_or_too_short_is_unknown():
    for kind, says in ((0xEF, b"00\x01EST0"), (0xF1, b"00"), (0xEE, b"")):
        slave = FakeSlave()
        slave.says[kind] = says + bytes(15 - len(says))
        assert World(slave).run(15).of().vin == ""


def test_a_known_vin_is_asked_for_once_a_day_and_stays_when_the_car_sleeps():
    slave = FakeSlave()
    del slave.says[0xEB]  # fewer questions: a shorter log
    world = World(slave).run(86000, 50000)
    for kind in (0xEE, 0xEF, 0xF1):
        assert len(world.asked(kind)) == 1
        # Its CAN is off: zeros.
        slave.says[kind] = bytes(15)
    world.log = []
    world.run(86400, 50000)
    assert len(world.asked(0xEE)) == 1
    assert world.of().vin == VIN


def test_without_a_car_nobody_asks_for_its_vin():
    slave = FakeSlave()
    slave.says[0xB4] = bytes(11)
    world = World(slave).run(3600)
    assert world.of().plug == 0
    assert world.of().vin is None
    assert not world.asked(0xEE)


def test_the_vin_goes_with_the_car_and_the_next_one_is_asked_at_once():
    slave = FakeSlave()
    world = World(slave).run(20)
    assert world.of().vin == VIN
    slave.says[0xB4] = bytes(11)
    world.run(12)
    assert world.of().vin is None
    slave.says[0xB4] = b"\x01" + bytes(10)
    slave.says[0xF1] = b"002" + bytes(12)
    # It takes the car a while to say who it is.
    slave.says[0xEE] = bytes(15)
    world.run(120)
    start_ms = world.now_ms
    world.run(12)
    assert world.of().plug == 1 and world.of().vin == ""
    slave.says[0xEE] = SAYS[0xEE]
    world.run(75)
    assert world.of().vin == VIN[:-1] + "2"
    assert start_ms < world.asked(0xEE)[-1] <= start_ms + 75000


def test_another_car_is_never_mixed_with_the_one_before():
    # Swapped between two plug questions.
    slave = FakeSlave()
    world = World(slave).run(20)
    other = {0xEE: b"LRW3E7F", 0xEF: b"A0TEST9", 0xF1: b"999"}
    for kind in other:
        slave.says[kind] = other[kind] + bytes(15 - len(other[kind]))
    seen = set()
    for _ in range(5000):
        world.run(20, 20000)
        seen.add(world.of().vin)
        world.log = []
    seen.discard(None)
    assert seen == {VIN, "LRW3E7FA0TEST9999"}
    assert world.of().vin == "LRW3E7FA0TEST9999"


def test_a_unit_that_was_away_may_have_another_car():
    slave = FakeSlave()
    world = World(slave).run(20)
    world.slaves = []
    world.run(300)
    world.slaves = [slave]
    slave.says[0xF1] = b"002" + bytes(12)
    world.run(10)
    assert world.of().vin == VIN[:-1] + "2"
    assert world.of().serial == "A17B0002433"


def test_where_the_plug_is_not_told_the_state_tells_that_a_car_came():
    slave = FakeSlave()
    del slave.says[0xB4]
    world = World(slave).run(100)
    assert world.of().vin == VIN
    slave.says[0xF1] = b"002" + bytes(12)
    slave.state = 4
    world.run(10)
    assert world.of().vin == VIN[:-1] + "2"


def test_where_the_plug_is_told_the_state_tells_nothing():
    slave = FakeSlave()
    world = World(slave).run(100)
    for index in range(100):
        slave.state = index % 2
        world.run(2)
        assert world.of().vin == VIN
    assert len(world.asked(0xEE)) == 1


def test_a_state_that_flaps_does_not_flood_the_line():
    slave = FakeSlave()
    del slave.says[0xB4]
    world = World(slave).run(100)
    start_ms = world.now_ms
    for index in range(600):
        slave.state = index % 2
        world.run(1)
    assert 5 <= len(world.asked(0xEE, start_ms)) <= 11


def test_a_state_that_flaps_does_not_wake_questions_that_are_never_answered():
    slave = FakeSlave()
    slave.says = {}
    world = World(slave).run(7200, 5000)
    start_ms = world.now_ms
    for index in range(7200):
        slave.state = index % 2
        world.run(1)
    # Nor does it keep them from being asked once an hour.
    assert 1 <= len(world.asked(0xEE, start_ms)) <= 2


def test_an_old_unit_alone_is_asked_the_old_questions_when_the_new_ones_are_not_answered():
    slave = FakeSlave(protocol=1)
    slave.says = dict(OLD_SAYS)
    world = World(slave).run(600)
    unit = world.of()
    assert (unit.serial, unit.model, unit.firmware) == ("A17I0039393", "EVWTS80HL", "3.2.10")
    assert unit.vin is None and unit.meter is None
    first_ms = min([at for at, to, _ in world.log if to == ""])
    for kind in (0xED, 0xEC):
        assert len([at for at in world.asked(kind) if at < first_ms]) == 3
    world.run(86400 * 2, 20000)
    for kind in OLD_SAYS:
        assert len(world.asked(kind)) == 3
    assert world.told == [("info", "2433: serial A17I0039393, firmware 3.2.10")]


def test_the_old_questions_go_to_nobody_else():
    silent = {}
    for slaves in (
        [FakeSlave("1111", 1), FakeSlave("2222", 1)],
        [FakeSlave("1111", 1), FakeSlave("2222", 2)],
        [FakeSlave("1111", 2)],
        [FakeSlave("1111", None)],
    ):
        for slave in slaves:
            slave.says = silent
        world = World(*slaves).run(3600)
        assert len(world.log) > 20
        assert "" not in {to for _, to, _ in world.log}
    # One that answers one of the new ones knows the new ones.
    slave = FakeSlave(protocol=1)
    slave.says = {0xED: SAYS[0xED]}
    assert "" not in {to for _, to, _ in World(slave).run(3600).log}


def test_an_old_answer_counts_only_while_one_unit_is_linked():
    answer = b"\xfd\x19" + OLD_SAYS[0x19]
    world = World(FakeSlave("1111", 1), FakeSlave("2222", 1)).run(10)
    before = world.of("1111").serial
    assert not world.questions.heard(answer, world.now_ms)
    assert world.of("1111").serial == before
    del world.slaves[1]
    world.run(2)
    assert world.questions.heard(answer, world.now_ms)
    assert world.of("1111").serial == "A17I0039393"


def test_too_fast_halves_the_questions_and_ten_minutes_later_they_recover():
    slaves = [FakeSlave("1111"), FakeSlave("2222"), FakeSlave("3333")]
    for slave in slaves:
        slave.draw_ca = 1600
    world = World(*slaves).run(60)
    world.questions.too_fast(world.now_ms)
    assert world.told[-1] == ("warning", "7C 00 heard: at most a question every 2 s now")
    start_ms = world.now_ms
    world.run(590)
    assert min(gaps([at for at, _, _ in world.log if at > start_ms])) == 2000
    start_ms = world.now_ms + 12000
    world.run(60)
    assert min(gaps([at for at, _, _ in world.log if at > start_ms])) == 1000


def test_too_fast_has_an_end():
    world = World(FakeSlave("1111"), FakeSlave("2222"), FakeSlave("3333"))
    for slave in world.slaves:
        slave.draw_ca = 1600
    world.run(5)
    for _ in range(20):
        world.questions.too_fast(world.now_ms)
    assert len([text for level, text in world.told if level == "warning"]) == 6
    start_ms = world.now_ms
    world.run(590)
    times = [at for at, _, _ in world.log if at > start_ms]
    assert min(gaps(times)) >= 64000 and len(times) >= 8
    # Half of it every ten minutes: a good hour later all is as before.
    world.run(3800)
    start_ms = world.now_ms
    world.run(60)
    assert min(gaps([at for at, _, _ in world.log if at > start_ms])) == 1000


def test_an_unasked_answer_is_taken_but_not_counted():
    world = World(FakeSlave())
    world.slaves[0].says = {}
    world.run(60)
    assert world.questions.answered == 0
    assert world.questions.heard(b"\xfd\xec\x24\x33\x04\x05\x03\x02" + bytes(7), world.now_ms)
    assert world.of().firmware == "4.5.3.2"
    assert world.questions.answered == 0


def test_no_other_frame_is_an_answer():
    world = World(FakeSlave()).run(10)
    heard = world.questions.heard
    for body in (
        b"\xfd\xe0\x24\x33\x77\x77\x03\x02\x58" + bytes(6),  # heartbeat
        b"\xfd\xe2\x24\x33\x1d\x0c\x80" + bytes(8),  # link ready
        b"\xfd\xb1\x24\x33" + bytes(11),  # contactors closed
        b"\xfb\xec\x24\x33\x04\x05\x03\x02" + bytes(7),  # a question of somebody else
        b"\xfd\xeb\x24\x33" + bytes(11),  # a meter that is too short
        b"\xfd\xec\x24\x33\x04",
        b"\x7c\x00",
        b"",
    ):
        assert not heard(body, world.now_ms)
    assert world.of().firmware == "4.5.3.2"


def test_an_impossible_plug_state_is_none():
    world = World(FakeSlave()).run(5)
    assert world.questions.heard(b"\xfd\xb4\x24\x33\x07" + bytes(10), world.now_ms)
    assert world.of().plug is None


def test_at_most_six_units_are_remembered():
    world = World()
    for number in range(20):
        world.slaves = [FakeSlave("1111"), FakeSlave(f"22{number:02X}")]
        world.run(20)
    units = [world.of("1111")] + [world.of(f"22{number:02X}") for number in range(20)]
    known = [unit.id for unit in units if unit is not None]
    assert known == ["1111", "220F", "2210", "2211", "2212", "2213"]
    assert world.of("1111").serial == "A17B0002433"


def memory():
    """Bytes in use, under MicroPython; objects that are, under CPython."""
    gc.collect()
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else len(gc.get_objects())


def test_no_bytes_make_it_raise_or_grow():
    world = World(FakeSlave(), FakeSlave("C0DB")).run(30)
    heard = world.questions.heard

    def storm(state, rounds):
        for _ in range(rounds):
            for first in (0xFD, 0xFB, 0x00):
                for length in (0, 1, 2, 3, 12, 13, 15, 19, 25):
                    state = (state * 1103515245 + 12345) & 0x7FFFFFFF
                    kind = module._KINDS[state % 10] if state & 0x800000 else state >> 8 & 0xFF
                    who = b"\x24\x33" if state & 0x1000000 else b"\xc0\xdb"
                    noise = bytes([state >> 16 & 0xFF, state >> 3 & 0xFF, 65, 48]) * 6
                    heard((bytes((first, kind)) + who + noise)[:length], state)
        return state

    state = storm(3, 30)
    before = memory()
    storm(state, 100)
    after = memory()
    # All that may differ is the length of what was said.
    assert after - before <= (700 if hasattr(gc, "mem_alloc") else 40), after - before


def test_days_of_questions_do_not_grow():
    world = World(FakeSlave(), FakeSlave("C0DB", 1))
    world.slaves[1].says = {}
    world.run(3000)
    world.log = []
    before = memory()
    for _ in range(20):
        world.run(200)
        world.log = []
    after = memory()
    assert after - before <= (700 if hasattr(gc, "mem_alloc") else 40), after - before
