"""Meter readings, power, session and lifetime energy of one unit."""

from charging.energy import Energy

HOUR_S = 3600


class Unit:
    """A wall connector with a meter that counts right, and the Energy that follows it."""

    def __init__(
        self, meter_unit="auto", per_kwh=1, start=924, watts_per_amp=240, remembered=None
    ):
        self.energy = Energy(meter_unit, watts_per_amp, remembered, 0)
        self.now_ms = 0
        self.draw_ca = 0
        self.plugged = True
        self.volts = [240, 0, 0]
        self.phases = 1
        self.per_kwh = per_kwh
        self.start = start
        self.wh = 0.0  # really delivered
        self.read_every_s = 5
        self.rejected = []
        self.totals = []

    def run(self, seconds):
        for _ in range(seconds):
            self.now_ms += 1000
            if self.draw_ca >= 100:
                self.wh += sum(self.volts[: self.phases]) * self.draw_ca / 100 / HOUR_S
            self.energy.follow(self.draw_ca, self.plugged, self.now_ms)
            if self.energy.open == 2:
                self.energy.open = 0  # noted
            if self.read_every_s and self.now_ms // 1000 % self.read_every_s == 0:
                self.read()
            self.totals.append(self.energy.total_wh)
            if len(self.totals) > 50:
                known = [total for total in self.totals if total is not None]
                assert known == sorted(known), "the total fell"
                del self.totals[:-1]
        return self

    def counter(self):
        return self.start + int(self.wh * self.per_kwh / 1000)

    def read(self):
        phase_ca = [self.draw_ca // 50 * 50 if index < self.phases else 0 for index in range(3)]
        why = self.energy.measure(self.counter(), self.volts, phase_ca, self.now_ms)
        if why:
            self.rejected.append(why)


def test_power_of_a_draw_without_a_meter():
    energy = Energy("auto", 240, None, 0)
    assert energy.watts(1600) == 3840
    assert energy.watts(0) == 0
    # Calibration of an idle unit.
    assert energy.watts(25) == 0 and energy.watts(99) == 0
    assert energy.watts(100) == 240
    assert energy.phases is None and energy.volts is None
    assert Energy("auto", 692.8, None, 0).watts(1600) == 11084


def test_power_comes_from_the_phases_in_use_and_their_volts():
    unit = Unit()
    unit.volts = [231, 229, 235]
    unit.draw_ca = 1600
    unit.phases = 3
    unit.run(10)
    assert unit.energy.volts == [231, 229, 235]
    assert unit.energy.phases == 3
    assert unit.energy.watts(1600) == 695 * 16
    # The next car uses one phase of the three.
    unit.draw_ca, unit.plugged = 0, False
    unit.run(10)
    unit.plugged = True
    unit.phases = 1
    unit.run(3)
    assert unit.energy.phases is None
    assert unit.energy.watts(1600) == 240 * 16
    unit.draw_ca = 1600
    unit.run(10)
    assert unit.energy.phases == 1
    assert unit.energy.watts(1600) == 231 * 16


def test_a_meter_without_currents_leaves_the_phases_to_the_configuration():
    energy = Energy("auto", 720, None, 0)
    energy.follow(1600, True, 1000)
    assert energy.measure(924, [240, 240, 240], [0, 0, 0], 1500) is None
    assert energy.volts == [240, 240, 240]
    assert energy.phases is None
    assert energy.watts(1600) == 720 * 16


def test_phases_that_can_not_be_in_use_are_not_believed():
    energy = Energy("auto", 240, None, 0)
    # A current left over from before; one on a phase without volts.
    for draw_ca, phase_ca in ((50, [1000, 0, 0]), (1600, [1600, 1600, 0])):
        energy.follow(draw_ca, True, 1000)
        assert energy.measure(924, [230, 0, 0], phase_ca, 1500) is None
        assert energy.phases is None
        assert energy.watts(1600) == 240 * 16


def test_the_session_is_integrated_from_current_and_volts():
    unit = Unit(watts_per_amp=999)
    unit.volts = [230, 0, 0]
    unit.draw_ca = 1600
    unit.run(HOUR_S)
    # The first reading comes after five seconds, until then the configuration counts.
    assert abs(unit.energy.session_wh - 3680) <= 18
    unit.draw_ca = 50
    before = unit.energy.session_wh
    unit.run(HOUR_S)
    assert unit.energy.session_wh == before


def test_small_draws_add_up():
    # 1 A x 60 V is 60 W: one sixtieth of a Wh a second.
    energy = Energy("auto", 60, None, 0)
    for second in range(1, HOUR_S + 1):
        energy.follow(100, True, second * 1000)
    assert energy.session_wh == 60


def test_a_gap_is_integrated_over_five_seconds_at_most():
    energy = Energy("auto", 240, None, 0)
    energy.follow(2500, True, 0)
    energy.follow(2500, True, 600000)
    assert energy.session_wh == 6000 * 5 // HOUR_S
    # And a clock that jumps back takes nothing away.
    before = energy.session_wh
    energy.follow(2500, True, 1000)
    assert energy.session_wh == before


def test_an_impossible_draw_counts_with_what_a_unit_can_give_at_most():
    energy = Energy("auto", 720, None, 0)
    for second in range(HOUR_S + 1):
        energy.follow(65535, True, second * 1000)
    assert energy.session_wh == 25000


def test_a_session_begins_with_a_car_and_ends_when_it_is_unplugged():
    unit = Unit()
    unit.draw_ca = 1000
    unit.run(HOUR_S)
    first = unit.energy.session_wh
    assert 2390 <= first <= 2410
    # A pause is no end.
    unit.draw_ca = 0
    unit.run(10 * HOUR_S)
    unit.draw_ca = 1000
    unit.run(HOUR_S)
    assert 2 * first - 5 <= unit.energy.session_wh <= 2 * first + 5
    # What the car got is shown until the next one comes.
    unit.draw_ca, unit.plugged = 0, False
    unit.run(HOUR_S)
    assert unit.energy.session_wh >= 2 * first - 5
    unit.plugged = True
    unit.run(1)
    assert unit.energy.session_wh == 0


def test_a_draw_begins_a_session_before_the_plug_is_told():
    unit = Unit()
    unit.plugged = False
    unit.run(10)
    unit.draw_ca = 1000
    unit.run(10)
    unit.plugged = True
    unit.run(HOUR_S - 10)
    assert 2390 <= unit.energy.session_wh <= 2410


def test_without_a_plug_state_a_long_pause_ends_a_session():
    unit = Unit()
    unit.plugged = None
    unit.draw_ca = 1000
    unit.run(HOUR_S)
    unit.draw_ca = 0
    unit.run(4 * HOUR_S - 60)
    unit.draw_ca = 1000
    unit.run(HOUR_S)
    assert 4780 <= unit.energy.session_wh <= 4820
    unit.draw_ca = 0
    unit.run(4 * HOUR_S + 60)
    unit.draw_ca = 1000
    unit.run(HOUR_S)
    assert 2390 <= unit.energy.session_wh <= 2410


def test_a_counter_in_kwh_is_found_out():
    for watts_per_amp in (240, 80, 720):
        unit = Unit(watts_per_amp=watts_per_amp)
        unit.volts = [0, 0, 0]  # so that the configuration, right or wrong, is all there is
        unit.run(60)
        assert unit.energy.total_wh is None
        unit.draw_ca = 1600
        for _ in range(2 * HOUR_S):
            unit.now_ms += 1000
            unit.wh += 3840 / HOUR_S
            unit.energy.follow(unit.draw_ca, True, unit.now_ms)
            if unit.now_ms % 5000 == 0:
                unit.read()
        assert not unit.rejected
        assert unit.energy.memory()["unit"] == 1, watts_per_amp
        assert unit.counter() * 1000 <= unit.energy.total_wh < unit.counter() * 1000 + 1000


def test_a_counter_in_wh_is_found_out():
    for watts_per_amp in (240, 80, 720):
        unit = Unit(per_kwh=1000, start=1234567, watts_per_amp=watts_per_amp)
        unit.volts = [0, 0, 0]
        unit.draw_ca = 1600
        for _ in range(600):
            unit.now_ms += 1000
            unit.wh += 3840 / HOUR_S
            unit.energy.follow(unit.draw_ca, True, unit.now_ms)
            if unit.now_ms % 5000 == 0:
                unit.read()
        assert not unit.rejected
        assert unit.energy.memory()["unit"] == 2, watts_per_amp
        assert unit.energy.total_wh == unit.counter()


def test_a_counter_that_moves_like_neither_is_not_concluded_from():
    energy = Energy("auto", 240, None, 0)
    energy.measure(924, [240, 0, 0], [0, 0, 0], 0)
    for second in range(1, 101):
        energy.follow(1600, True, second * 1000)
    assert energy.session_wh == 106
    # Five kWh, or five Wh? It was a tenth of one.
    assert energy.measure(929, [240, 0, 0], [1600, 0, 0], 100000) is None
    assert energy.memory()["unit"] == 0
    assert energy.total_wh is None


def test_the_configuration_overrules_the_counter():
    assert_total = (("kWh", 1000), ("Wh", 1))
    for meter_unit, factor in assert_total:
        unit = Unit(meter_unit)
        unit.run(10)
        assert unit.energy.total_wh == 924 * factor
        unit.draw_ca = 1600
        unit.run(HOUR_S)
        # Whatever it counts in truth, kWh here.
        assert unit.counter() * factor <= unit.energy.total_wh < (unit.counter() + 1) * factor
    # Nor does what was found out before.
    energy = Energy("Wh", 240, {"session_wh": 0, "unit": 1}, 0)
    energy.measure(924, [240, 0, 0], [0, 0, 0], 1)
    assert energy.total_wh == 924


def test_between_two_steps_of_the_counter_the_total_goes_on_and_never_falls():
    # run() looks at every second that it does not fall.
    unit = Unit("kWh")
    unit.draw_ca = 1600
    unit.run(600)
    assert 924000 + 630 <= unit.energy.total_wh <= 924000 + 650
    unit.run(3 * HOUR_S)
    assert unit.counter() >= 935
    assert unit.counter() * 1000 <= unit.energy.total_wh < unit.counter() * 1000 + 1000
    # When we integrate too much, the total waits for the counter.
    unit = Unit("kWh", watts_per_amp=720)
    unit.read_every_s = 0
    unit.draw_ca = 1600
    unit.energy.measure(924, [0, 0, 0], [0, 0, 0], 0)
    unit.run(HOUR_S)
    assert unit.energy.total_wh == 924999


def test_without_a_meter_the_own_integration_is_the_total():
    unit = Unit()
    unit.read_every_s = 0
    unit.draw_ca = 2000
    unit.run(HOUR_S)
    assert unit.energy.total_wh is None
    unit.run(HOUR_S)
    assert unit.energy.total_wh == unit.energy.session_wh >= 9590
    memory = unit.energy.memory()
    again = Energy("auto", 240, memory, 0)
    assert again.total_wh == memory["total_wh"]
    again.follow(2000, True, 0)
    for second in range(1, HOUR_S + 1):
        again.follow(2000, True, second * 1000)
    assert again.total_wh == memory["total_wh"] + 4800


def test_a_counter_that_does_not_count_is_none():
    unit = Unit(start=0, per_kwh=0)
    unit.draw_ca = 2000
    unit.run(2 * HOUR_S)
    assert unit.energy.memory()["unit"] == 3
    assert unit.energy.total_wh == unit.energy.session_wh


def test_a_unit_that_was_concluded_wrongly_is_corrected():
    unit = Unit(per_kwh=1000, start=5000, remembered={"unit": 1, "total_wh": 5000999})
    unit.run(10)
    assert unit.energy.total_wh == 5000999
    unit.draw_ca = 700
    for _ in range(HOUR_S):
        unit.now_ms += 1000
        unit.wh += 240 * 7 / HOUR_S
        unit.energy.follow(unit.draw_ca, True, unit.now_ms)
        if unit.now_ms % 5000 == 0:
            unit.read()
    assert unit.energy.memory()["unit"] == 2
    assert unit.counter() - 10 <= unit.energy.total_wh <= unit.counter()


def test_what_was_drawn_unseen_proves_nothing():
    # 60 kWh went through while the unit was silent: as many steps as our few Wh.
    unit = Unit()
    unit.draw_ca = 700
    unit.run(110)
    unit.draw_ca = 0
    unit.now_ms += 4 * HOUR_S * 1000
    unit.wh += 60000
    unit.run(10)
    unit.draw_ca = 700
    unit.run(60)
    assert unit.energy.memory()["unit"] == 0
    unit.run(HOUR_S)
    assert unit.energy.memory()["unit"] == 1
    assert unit.counter() * 1000 <= unit.energy.total_wh < unit.counter() * 1000 + 1000


def test_energy_that_falls_or_jumps_is_rejected():
    unit = Unit("kWh").run(60)
    for raw, verb in ((923, "falls"), (0, "falls"), (927, "jumps"), (0xFFFFFFFF, "jumps")):
        why = unit.energy.measure(raw, unit.volts, [0, 0, 0], unit.now_ms)
        assert why == f"meter: energy {verb} from 924 to {raw}"
        assert unit.energy.total_wh == 924000
        unit.run(10)
    # As much as a unit can give is no jump.
    for now_ms, raw in ((unit.now_ms, 926), (unit.now_ms + HOUR_S * 1000, 951)):
        assert unit.energy.measure(raw, unit.volts, [0, 0, 0], now_ms) is None
        assert unit.energy.total_wh == raw * 1000
    assert unit.energy.measure(979, unit.volts, [0, 0, 0], now_ms + HOUR_S * 1000) is not None


def test_a_counter_in_wh_may_move_as_fast_as_a_unit_can_give():
    unit = Unit("Wh", per_kwh=1000, start=5000).run(60)
    at_ms = unit.now_ms
    assert unit.energy.measure(5000 + 37, unit.volts, [0, 0, 0], at_ms + 5000) is not None
    assert unit.energy.measure(5000 + 36, unit.volts, [0, 0, 0], at_ms + 5000) is None


def test_a_counter_that_began_anew_is_believed_when_ten_readings_agree():
    unit = Unit("kWh").run(60)
    unit.start = 3
    unit.run(45)
    assert len(unit.rejected) == 9
    assert unit.energy.total_wh == 924000
    unit.run(4)
    unit.totals = []
    unit.run(60)
    assert len(unit.rejected) == 9
    assert unit.energy.total_wh == 3000
    # Ten that agree with nothing are ten mistakes.
    for raw in (900, 10, 800, 20, 700, 30, 600, 40, 500, 50, 400, 60):
        assert unit.energy.measure(raw, unit.volts, [0, 0, 0], unit.now_ms) is not None
    assert unit.energy.total_wh == 3000


def test_nonsense_volts_are_rejected():
    energy = Energy("kWh", 240, None, 0)
    energy.follow(1600, True, 1000)
    for volts in ([301, 0, 0], [240, 59, 0], [65535, 0, 0], [0, 0, 1]):
        why = energy.measure(924, volts, [1600, 0, 0], 1000)
        assert why == f"meter: {[volt for volt in volts if volt not in (0, 240)][0]} V can't be"
    assert energy.volts is None and energy.total_wh is None
    for volts in ([300, 0, 0], [60, 0, 0], [277, 277, 277]):
        assert energy.measure(924, volts, [1600, 0, 0], 1000) is None
        assert energy.volts == volts


def test_a_meter_without_volts_still_counts():
    energy = Energy("kWh", 240, None, 0)
    assert energy.measure(924, [0, 0, 0], [0, 0, 0], 1000) is None
    assert energy.volts is None and energy.total_wh == 924000


def test_currents_far_above_the_draw_are_rejected():
    energy = Energy("kWh", 240, None, 0)
    energy.follow(600, True, 1000)
    assert energy.measure(924, [240, 0, 0], [2250, 0, 0], 1000) == "meter: 22 A, but 6 A drawn"
    assert energy.measure(924, [240] * 3, [600, 600, 12750], 1000) is not None
    assert energy.phases is None
    # A car that rises between the two is no mistake.
    assert energy.measure(924, [240, 0, 0], [2200, 0, 0], 1000) is None
    assert energy.phases == 1


def test_session_total_and_unit_outlive_a_restart():
    unit = Unit("auto")
    unit.draw_ca = 1600
    unit.run(2 * HOUR_S)
    memory = unit.energy.memory()
    assert set(memory) == {"session_wh", "solar_wh", "total_wh", "unit", "open", "charged_s"}
    for name in memory:
        assert type(memory[name]) is int
    assert memory["unit"] == 1
    again = Energy("auto", 240, memory, 5000)
    assert again.session_wh == memory["session_wh"] >= 7600
    assert again.total_wh == memory["total_wh"]
    # The counter says the same: what was drawn since its last step stays.
    assert again.measure(unit.counter(), [240, 0, 0], [0, 0, 0], 5000) is None
    assert again.total_wh == memory["total_wh"]
    assert again.measure(unit.counter() + 1, [240, 0, 0], [0, 0, 0], 6000) is None
    assert again.total_wh == (unit.counter() + 1) * 1000
    # The same car goes on, whether the plug is known yet or not.
    for plugged in (None, True):
        again = Energy("auto", 240, memory, 0)
        again.follow(0, plugged, 1000)
        again.follow(1600, True, 2000)
        assert again.session_wh >= memory["session_wh"]
    # It went meanwhile.
    again = Energy("auto", 240, memory, 0)
    again.follow(0, False, 1000)
    again.open = 0  # noted
    again.follow(0, True, 2000)
    assert again.session_wh == 0


def test_a_session_that_has_ended_waits_until_it_is_noted():
    energy = Energy("auto", 240, None, 0)
    energy.follow(0, True, 1000)
    energy.vin = "5YJ3E1EA0KF000001"
    end_s = sunny(energy, 0.25, HOUR_S, 1)
    # A pause of the charge is none of the session, and not counted.
    for second in range(end_s, end_s + 600):
        energy.follow(0, True, second * 1000)
    assert energy.open == 1 and energy.charged_ms == HOUR_S * 1000
    energy.memory()
    assert not energy.due((end_s + 600) * 1000)
    energy.follow(0, False, (end_s + 601) * 1000)
    # Now it is worth a write at once, and only after that it may be noted.
    assert energy.open == 2 and energy.due((end_s + 601) * 1000)
    memory = energy.memory()
    assert memory["open"] == 4 and memory["charged_s"] == HOUR_S
    assert energy.open == 3
    # The next car waits for that moment, too.
    energy.follow(0, True, (end_s + 602) * 1000)
    assert energy.open == 3 and energy.vin == "5YJ3E1EA0KF000001" and energy.solar_percent() == 25
    energy.open = 0
    energy.follow(0, True, (end_s + 603) * 1000)
    assert energy.open == 1 and energy.vin is None
    assert energy.session_wh == energy.charged_ms == 0
    # The power failed between the two writes: it may have been noted, and the rest is known.
    again = Energy("auto", 240, memory, 0)
    again.follow(1600, True, 1000)
    assert again.open == 4 and again.memory()["open"] == 4
    assert again.session_wh >= 3840 and again.solar_percent() == 25
    assert HOUR_S <= again.charged_ms // 1000 <= HOUR_S + 1
    assert again.due(1000)


def test_a_session_of_almost_nothing_is_not_noted():
    for wh, state in ((49, 0), (50, 2)):
        energy = Energy("auto", 240, None, 0)
        second = 0
        while energy.session_wh < wh:
            second += 1
            energy.follow(100, True, second * 1000)
        energy.follow(0, False, second * 1000 + 1000)
        assert energy.open == state
        # Where nothing tells of the plug, it has ended after four hours without a draw.
        energy = Energy("auto", 240, {"session_wh": wh, "open": 1}, 0)
        energy.follow(0, None, 4 * HOUR_S * 1000 - 1)
        assert energy.open == 1
        energy.follow(0, None, 4 * HOUR_S * 1000)
        assert energy.open == state
        # It has ended once.
        energy.open = 0
        energy.follow(0, False, 4 * HOUR_S * 1000 + 1000)
        assert energy.open == 0


def sunny(energy, share, seconds, begin_s=0, draw_ca=1600):
    """Draws for so long with this share of sun; returns when that was over."""
    for second in range(begin_s + 1, begin_s + seconds + 1):
        energy.follow(draw_ca, True, second * 1000, share)
    return begin_s + seconds


def test_the_share_of_the_sun_is_weighed_with_what_was_drawn():
    energy = Energy("auto", 240, None, 0)
    assert energy.solar_percent() is None
    energy.follow(1600, True, 500, 1)
    assert energy.solar_percent() is None  # not yet a Wh
    end_s = sunny(energy, 1, HOUR_S)
    assert energy.session_solar_wh == energy.session_wh >= 3840
    assert energy.solar_percent() == 100
    # Three hours at a sixth of the current are half as much: none of it from the sun.
    end_s = sunny(energy, 0, 3 * HOUR_S, end_s, 267)
    assert energy.solar_percent() == 67
    assert energy.session_solar_wh <= 3841
    # Without a word about the sun it is the grid.
    end_s = sunny(energy, 0.25, 4 * HOUR_S, end_s)
    assert energy.session_solar_wh in range(7670, 7685)
    for second in range(end_s + 1, end_s + HOUR_S + 1):
        energy.follow(1600, True, second * 1000)
    assert energy.session_solar_wh in range(7670, 7685)


def test_a_small_share_of_a_small_draw_adds_up():
    # 1 A x 60 V x 0.05: 3 W, a Wh in twenty minutes.
    energy = Energy("auto", 60, None, 0)
    sunny(energy, 0.05, 2 * HOUR_S, 0, 100)
    assert energy.session_solar_wh in (5, 6)
    assert energy.session_wh == 120 and energy.solar_percent() in (4, 5)


def test_the_share_of_the_sun_belongs_to_the_session_and_outlives_a_restart():
    energy = Energy("auto", 240, None, 0)
    end_s = sunny(energy, 0.5, HOUR_S)
    assert energy.solar_percent() == 50
    memory = energy.memory()
    assert memory["solar_wh"] == energy.session_solar_wh and type(memory["solar_wh"]) is int
    again = Energy("auto", 240, memory, 0)
    assert again.solar_percent() == 50
    sunny(again, 1, HOUR_S)
    assert again.solar_percent() == 75
    # Of an older version, which did not count it: what was drawn before is the grid's.
    del memory["solar_wh"]
    again = Energy("auto", 240, memory, 0)
    assert again.solar_percent() == 0
    sunny(again, 1, HOUR_S)
    assert again.solar_percent() == 50
    # More than there was it can't have been.
    memory["solar_wh"] = 2 * memory["session_wh"]
    assert Energy("auto", 240, memory, 0).solar_percent() == 100
    # The next car has a share of its own.
    energy.follow(0, False, (end_s + 1) * 1000)
    assert energy.solar_percent() == 50
    energy.open = 0  # noted
    energy.follow(0, True, (end_s + 2) * 1000)
    assert energy.solar_percent() is None and energy.session_solar_wh == 0


def test_writes_are_due_every_half_an_hour_and_at_the_end_of_a_charge():
    unit = Unit()
    writes = []

    def run(seconds):
        for _ in range(seconds):
            unit.run(1)
            if unit.energy.due(unit.now_ms):
                writes.append(unit.now_ms // 1000)
                unit.energy.memory()

    run(HOUR_S)
    assert not writes
    unit.draw_ca = 1600
    run(2 * HOUR_S)
    # 500 Wh are together long before.
    assert len(writes) == 4
    assert [writes[index] - writes[index - 1] for index in (1, 2, 3)] == [1800, 1800, 1800]
    run(1000)
    last = writes[-1]
    del writes[:]
    # The end of the charge is worth one, ten minutes after the last.
    unit.draw_ca = 0
    run(HOUR_S)
    assert writes == [last + 600]
    unit.draw_ca = 1600
    run(400)  # not yet 500 Wh
    unit.draw_ca = 0
    run(1)
    assert writes == [last + 600, unit.now_ms // 1000]
    # Slow charging: 500 Wh take longer than half an hour.
    del writes[:]
    unit.draw_ca = 200
    run(2 * HOUR_S)
    assert len(writes) == 1


def test_a_car_that_starts_and_stops_all_the_time_does_not_wear_out_the_flash():
    unit = Unit()
    unit.volts = [240, 240, 240]
    unit.phases = 3
    writes = 0
    for second in range(24 * HOUR_S // 10):
        unit.now_ms += 10000
        unit.energy.follow(3200 if second % 20 < 10 else 0, True, unit.now_ms)
        if unit.energy.due(unit.now_ms):
            writes += 1
            unit.energy.memory()
    assert 100 <= writes <= 144


def test_a_little_energy_is_worth_no_write():
    unit = Unit()
    unit.run(HOUR_S)
    unit.draw_ca = 600
    unit.run(200)  # 80 Wh
    unit.draw_ca = 0
    unit.run(HOUR_S)
    assert not unit.energy.due(unit.now_ms)


def test_no_reading_makes_it_raise():
    energy = Energy("auto", 240, None, 0)
    state = 7
    for second in range(3000):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        raw = (state << 3 | state >> 9) & 0xFFFFFFFF if second % 3 else second
        volts = [state >> shift & 0xFFFF for shift in (0, 5, 11)] if second % 5 else [240, 0, 0]
        energy.follow(state >> 4 & 0xFFFF, (None, True, False)[state % 3], second * 1000)
        energy.measure(raw, volts, [(state >> shift & 0xFF) * 50 for shift in (1, 7, 13)], second)
        assert energy.session_wh >= 0
        energy.due(second * 1000)
