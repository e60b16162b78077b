"""The law of the surplus: starts, amounts, minimum times, lost readings, and the sentences.

Plain functions and bare asserts: they run under CPython and under MicroPython. One ampere is
240 W, so the minimum of 6 A needs 1440 W.
"""

from charging.inputs import Inputs
from charging.relay import FREE, ON, RESTING, Relay
from charging.surplus import Law, Unit

NO_READING = ("waiting", "no surplus reading yet")
LOST = ("lost", "no surplus reading for 3 min")
S = 1000


class Bench:
    """Units whose slaves obey within the second, and cars that draw 0.2 A less (or nothing)."""

    def __init__(
        self,
        count=1,
        wires=32,
        hold_s=60,
        stay=False,
        remembered=None,
        per_amp=240,
        priorities=(5, 5, 5),
    ):
        self.now_ms = 0
        self.law = Law(hold_s * S, stay, wires)
        self.units = []
        self.cars = {}
        self.limits = {}
        self.opens_in_ms = 0
        for number in range(count):
            relay = Relay(600 * S, 600 * S, remembered, 0)
            unit = Unit(
                f"000{number + 1}", f"unit {number + 1}", per_amp, relay, priorities[number]
            )
            unit.maximum_amps = 32
            self.units.append(unit)
            self.cars[unit.id] = True
            self.limits[unit.id] = 0

    def step(self, watts, without=NO_READING):
        """One second."""
        for unit in self.units:
            limit = self.limits[unit.id]
            draw = limit * 100 - 20 if limit and self.cars[unit.id] else 25
            unit.follow(True, limit, draw, self.now_ms)
        self.law.decide(watts, without, self.units, self.opens_in_ms, self.now_ms)
        for unit in self.units:
            self.limits[unit.id] = unit.amps
        self.now_ms += S

    def run(self, seconds, watts, without=NO_READING):
        for _ in range(seconds):
            self.step(watts, without)
        return self

    def amps(self):
        return [unit.amps for unit in self.units]


def charging(watts=3000, count=1, **more):
    return Bench(count, **more).run(65 * count + 5, watts)


# Starting.


def test_a_start_waits_until_the_surplus_has_held():
    bench = Bench().run(60, 3000)
    assert bench.amps() == [0]
    assert bench.law.reason == "Waiting: 3 000 W of 1 440 W surplus, starts in 5 s if it holds."
    bench.step(3000)
    assert bench.amps() == [6]
    bench.run(2, 3000)
    assert bench.amps() == [12]


def test_a_gap_begins_the_hold_anew():
    bench = Bench().run(59, 3000).run(1, 1439).run(60, 3000)
    assert bench.amps() == [0]
    assert bench.run(1, 3000).amps() == [6]


def test_exactly_the_minimum_is_enough_and_a_watt_less_is_not():
    assert Bench().run(120, 1439).amps() == [0]
    assert Bench().run(120, 1440).amps() == [6]


def test_nothing_starts_while_the_gate_is_closed():
    bench = Bench()
    bench.opens_in_ms = 5 * S
    assert bench.run(120, 3000).amps() == [0]
    assert bench.law.reason.endswith("starts in 5 s if it holds.")
    bench.opens_in_ms = 0
    assert bench.run(1, 3000).amps() == [6]


def test_countdown_of_a_start():
    bench = Bench()
    bench.step(3000)
    assert bench.law.reason == "Waiting: 3 000 W of 1 440 W surplus, starts in 60 s if it holds."
    bench.run(30, 3000)
    assert bench.law.reason.endswith("starts in 30 s if it holds.")


# Amounts.


def test_whole_amperes_rounded_down():
    for watts, amps in ((1679, 6), (1680, 7), (2999, 12), (3119, 12), (3120, 13), (7680, 32)):
        assert charging(watts).amps() == [amps], watts


def test_not_above_the_maximum_of_the_unit():
    bench = charging(3000)
    bench.units[0].maximum_amps = 10
    bench.run(3, 9000)
    assert bench.amps() == [10]
    assert bench.law.reason == "Charging at 10 A, the most allowed: 9 000 W of surplus."


def test_three_phases():
    bench = charging(5000, per_amp=720)
    assert bench.amps() == [6]
    assert Bench(per_amp=720).run(120, 4319).amps() == [0]


def test_reasons_of_a_charge():
    bench = charging(3000)
    assert bench.law.reason == "Charging at 12 A: 3 000 W of surplus."
    assert bench.law.state == "charging" and bench.units[0].reason == bench.law.reason
    bench.step(4000)
    assert bench.law.reason == "Charging at 12 A, going to 16 A: 4 000 W of surplus."
    bench.cars["0001"] = False
    bench.run(3, 4000)
    assert bench.law.reason == "Offering 16 A: 4 000 W of surplus; no car draws yet."


def test_a_car_that_draws_nothing_goes_to_the_minimum_after_a_minute():
    bench = charging(4000)
    bench.cars["0001"] = False
    assert bench.run(59, 4000).amps() == [16]
    assert bench.run(3, 4000).amps() == [6]


# Minimum on and off times.


def test_without_surplus_it_stays_at_the_minimum_until_it_may_stop():
    bench = charging(3000)
    began_ms = bench.units[0].relay._began_ms
    bench.run(5, 0)
    assert bench.amps() == [6] and bench.law.state == "minimum"
    assert bench.law.reason == (
        "At the minimum of 6 A: 0 W of 1 440 W surplus, "
        "stops in 10 min unless it returns (minimum on time)."
    )
    while bench.now_ms < began_ms + 570 * S:
        bench.step(0)
    assert bench.amps() == [6]
    assert "stops in 35 s unless it returns (minimum on time)." in bench.law.reason
    while bench.now_ms < began_ms + 600 * S:
        bench.step(0)
    assert bench.amps() == [6]
    bench.step(0)
    assert bench.amps() == [0]
    assert bench.law.reason == "Stopping: still draws 5.8 A."
    bench.run(3, 0)
    assert bench.law.reason == (
        "Waiting: 0 W of 1 440 W surplus, off for 10 min more (minimum off time)."
    )


def test_a_negative_surplus_is_told_as_it_is():
    bench = charging(3000).run(5, -200)
    assert "At the minimum of 6 A: -200 W of 1 440 W surplus" in bench.law.reason


def test_the_relay_rests_before_the_next_start():
    bench = charging(3000).run(700, 0)
    assert bench.amps() == [0]
    relay = bench.units[0].relay
    while relay.start_in_ms(bench.now_ms):
        bench.step(3000)
        assert bench.amps() == [0]
    assert bench.run(60, 3000).amps() == [0]  # then the surplus has to hold, as always
    assert bench.run(5, 3000).amps() == [12]
    assert relay.starts == 2


def test_surplus_that_returns_keeps_it_on():
    bench = charging(3000).run(400, 0).run(5, 3000)
    assert bench.amps() == [12] and bench.units[0].relay.starts == 1


def test_after_a_reset_a_rest_counts_anew():
    for remembered in (ON, RESTING):
        bench = Bench(remembered=remembered).run(600, 3000)
        assert bench.amps() == [0], remembered
        assert bench.run(65, 3000).amps() == [12], remembered
    for remembered in (FREE, None):
        assert Bench(remembered=remembered).run(65, 3000).amps() == [12], remembered


def test_after_a_reset_a_charge_goes_on_at_its_minimum():
    bench = Bench(remembered=ON)
    bench.limits["0001"] = 12
    bench.step(None)
    assert bench.amps() == [6]
    bench.run(590, None)
    assert bench.amps() == [6]
    assert bench.run(15, None).amps() == [0]


def test_memory_of_a_relay():
    bench = Bench().run(5, 0)
    relay = bench.units[0].relay
    assert relay.memory(bench.now_ms) == FREE
    bench.run(70, 3000)
    assert relay.memory(bench.now_ms) == ON
    bench.run(650, 0)
    assert bench.amps() == [0] and relay.memory(bench.now_ms) == RESTING
    bench.run(600, 0)
    assert relay.memory(bench.now_ms) == FREE


# Readings that are lost.


def test_lost_and_off():
    bench = charging(3000)
    bench.step(None, LOST)
    assert bench.amps() == [6] and bench.law.state == "lost"
    bench.run(2, None, LOST)
    assert bench.law.reason == (
        "At the minimum of 6 A: no surplus reading for 3 min; stops in 10 min (minimum on time)."
    )
    bench.run(620, None, LOST)
    assert bench.amps() == [0]
    assert bench.law.reason == "Off: no surplus reading for 3 min."
    assert bench.run(3600, None, LOST).amps() == [0]


def test_lost_and_stay():
    bench = charging(3000, stay=True).run(3600, None, LOST)
    assert bench.amps() == [6] and bench.law.state == "lost"
    assert bench.law.reason == "At the minimum of 6 A: no surplus reading for 3 min."


def test_off_stays_off_while_lost():
    for stay in (False, True):
        bench = Bench(stay=stay).run(59, 3000)
        assert bench.run(3600, None, LOST).amps() == [0]
        # And the time before does not count for the hold.
        assert bench.run(60, 3000).amps() == [0]
        assert bench.run(5, 3000).amps() == [12]


def test_never_a_reading():
    bench = Bench().run(5, None)
    assert bench.law.reason == "Waiting: no surplus reading yet." and bench.law.state == "waiting"


def test_a_retained_message_is_no_reading():
    inputs = Inputs(120 * S)
    why = inputs.receive("surplus", b"3000", True, 0, 0)
    assert why == "retained message of unknown age: 3 000 W"
    assert inputs.surplus_watts(0) is None and inputs.newest(0) is None
    assert inputs.unusable() == "surplus: retained message of unknown age: 3 000 W"
    assert inputs.receive("surplus", b"2000", False, 0, 5 * S) is None
    assert inputs.surplus_watts(5 * S) == 2000 and inputs.unusable() is None
    # A later one neither counts nor refreshes.
    inputs.receive("surplus", b"9000", True, 0, 100 * S)
    assert inputs.surplus_watts(125 * S) == 2000
    assert inputs.surplus_watts(125 * S + 1) is None


def test_the_grid_meter_contains_the_cars():
    inputs = Inputs(120 * S)
    inputs.receive("grid", b"-500", False, 2400, 0)
    assert inputs.surplus_watts(0) == 2900
    inputs.receive("surplus", b"1000", False, 2400, 0)
    assert inputs.surplus_watts(0) == 1000  # of two live ones the one that gives less


# Several units.


def test_units_start_one_after_the_other():
    bench = Bench(3).run(61, 20000)
    assert sorted(bench.amps()) == [0, 0, 6]
    bench.run(61, 20000)
    assert len([amps for amps in bench.amps() if amps]) == 2
    bench.run(65, 20000)
    assert sorted(bench.amps()) == [10, 11, 11]
    assert bench.law.reason == "3 cars are offered 32 A: 20 000 W of surplus."


def test_a_second_one_needs_the_minimum_of_both():
    assert len([a for a in Bench(2).run(300, 2879).amps() if a]) == 1
    assert Bench(2).run(300, 2880).amps() == [6, 6]


def test_more_units_than_the_wires_carry():
    bench = Bench(3, wires=16).run(300, 20000)
    assert sorted(bench.amps()) == [0, 8, 8]
    waiting = [unit for unit in bench.units if not unit.amps][0]
    assert waiting.reason == (
        "Waiting: 17 120 W of 1 440 W surplus, but the 16 A for all are in use."
    )


def test_what_is_not_drawn_goes_to_the_others():
    bench = charging(4800, 2)
    assert bench.amps() == [10, 10]
    bench.cars["0001"] = False
    bench.run(62, 4800)
    assert bench.amps() == [6, 14]


def test_never_more_than_the_surplus_or_the_wires():
    for watts in range(1440, 12000, 379):
        for wires in (6, 13, 20, 32):
            bench = charging(watts, 3, wires=wires)
            assert sum(bench.amps()) <= wires, (watts, wires)
            assert sum(bench.amps()) * 240 <= watts, (watts, wires)


def test_those_that_may_stop_do():
    bench = charging(3000, 2)
    bench.run(700, 2000)
    assert sorted(bench.amps()) == [0, 8]


def test_a_unit_whose_minimum_is_not_allowed():
    bench = Bench()
    bench.units[0].minimum_amps, bench.units[0].maximum_amps = 8, 6
    bench.run(200, 9000)
    assert bench.amps() == [0]
    assert bench.law.reason == "Off: needs 8 A, but 6 A are allowed."


def test_no_unit_answers():
    bench = Bench()
    bench.units[0].follow(False, 0, 0, 0)
    bench.law.decide(3000, NO_READING, bench.units, 0, 0)
    assert bench.law.state == "no_connector"
    assert bench.law.reason.startswith("No wall connector answers on the bus")
    assert bench.units[0].reason == "No answer from this wall connector."


def test_a_unit_that_comes_back_drawing_goes_on():
    bench = charging(3000)
    unit = bench.units[0]
    unit.follow(False, 0, 0, bench.now_ms)
    assert unit.amps == 0
    bench.step(3000)
    assert bench.amps()[0] >= 6


def test_an_offer_without_a_draw_counts_as_on():
    bench = Bench()
    bench.cars["0001"] = False
    bench.run(65, 3000)
    assert bench.amps() == [12]
    assert bench.run(500, 0).amps() == [6]
    assert bench.run(120, 0).amps() == [0]
    assert bench.run(300, 3000).amps() == [0]  # and what follows as a rest
    assert bench.units[0].relay.starts == 0


def test_calibration_is_no_draw():
    unit = Bench().units[0]
    for draw_ca, watts in ((0, 0), (25, 0), (99, 0), (100, 240), (1180, 2832)):
        unit.follow(True, 0, draw_ca, 0)
        assert unit.draw_watts() == watts


# Priority.


def test_five_is_the_priority_of_whom_nothing_is_said():
    assert Unit("0001", "left", 240, None).priority == 5


def test_the_higher_priority_starts_first():
    for priorities, amps in (
        ((5, 6, 5), [0, 6, 0]),
        ((4, 5, 9), [0, 0, 6]),
        ((9, 1, 8), [6, 0, 0]),
    ):
        bench = Bench(3, priorities=priorities).run(61, 20000)
        assert bench.amps() == amps, priorities


def test_also_when_it_started_more_often():
    for priority, amps in ((5, [0, 6]), (6, [6, 0])):
        bench = Bench(2, priorities=(priority, 5, 5))
        bench.units[0].relay.starts = 7
        assert bench.run(61, 2000).amps() == amps


def test_equal_priorities_take_turns():
    bench = Bench(3, priorities=(3, 5, 5))
    bench.units[1].relay.starts = 1
    assert bench.run(61, 20000).amps() == [0, 0, 6]


def test_one_that_may_not_start_does_not_keep_the_lower_ones():
    bench = Bench(2, priorities=(9, 5, 5))
    bench.units[0].maximum_amps = 5
    assert bench.run(61, 2000).amps() == [0, 6]
    bench = Bench(2, priorities=(9, 5, 5))
    bench.units[0].relay._ended_ms = 0  # its relay rests
    assert bench.run(61, 2000).amps() == [0, 6]


def test_a_higher_priority_pushes_nobody_out():
    bench = Bench(2, priorities=(5, 9, 5))
    bench.units[1].maximum_amps = 0
    assert bench.run(65, 2000).amps() == [8, 0]
    bench.units[1].maximum_amps = 32
    assert bench.run(3000, 2000).amps() == [8, 0]


def test_the_higher_priority_stops_last():
    for priorities, kept in (
        ((5, 5, 5), [6, 0, 0]),
        ((5, 6, 5), [0, 6, 0]),
        ((5, 5, 6), [0, 0, 6]),
        ((2, 3, 1), [0, 6, 0]),
    ):
        bench = Bench(3, priorities=priorities).run(1200, 20000)
        assert min(bench.amps()) >= 6
        bench.run(5, 2000)
        assert [min(amps, 6) for amps in bench.amps()] == kept, priorities


def test_the_order_of_stops():
    bench = Bench(3, priorities=(2, 9, 1)).run(1200, 20000)
    off = []
    for watts in (2900, 1500, 0):
        bench.run(3, watts)
        for unit in bench.units:
            if not unit.amps and unit.id not in off:
                off.append(unit.id)
    assert off == ["0003", "0001", "0002"]


def test_relay_times_are_stronger_than_priority():
    # The lower one has only just begun.
    bench = Bench(2, priorities=(9, 5, 5))
    bench.units[1].maximum_amps = 0
    bench.run(700, 3000)
    bench.units[1].maximum_amps = 32
    bench.run(80, 3000)
    assert bench.amps() == [6, 6]
    assert bench.run(5, 1500).amps() == [0, 6]


def test_more_than_the_wires_carry_costs_the_lowest_priority():
    # Found charging at a start.
    bench = Bench(3, wires=13, priorities=(5, 4, 6))
    for unit in bench.units:
        bench.limits[unit.id] = 10
    bench.step(None)
    assert bench.amps() == [6, 0, 6]


def test_amperes_go_to_the_higher_priority():
    bench = Bench(2, priorities=(5, 6, 5)).run(140, 4800)
    assert bench.amps() == [6, 14]
    bench.cars["0002"] = False
    assert bench.run(62, 4800).amps() == [14, 6]


def test_what_is_left_is_told_in_the_order_of_stops():
    bench = Bench(2, priorities=(5, 6, 5)).run(140, 4800).run(5, 2000)
    # The first one stops first: of 2000 W the other has 1440.
    assert bench.units[0].reason.startswith("At the minimum of 6 A: 560 W of 1 440 W surplus")
    assert bench.units[1].reason == "Charging at 6 A: 2 000 W of surplus."
    assert bench.law.reason.startswith("2 cars are offered 12 A, their minimum. At the minimum")
    assert "560 W" in bench.law.reason


def test_the_order_of_the_units_is_left_as_it_is():
    bench = Bench(3, priorities=(1, 9, 5)).run(300, 20000)
    assert [unit.id for unit in bench.units] == ["0001", "0002", "0003"]


# What holds or stops whatever the sun says.


def test_a_unit_at_fault_gets_nothing_at_once_and_the_other_gets_its_share():
    bench = charging(5000, 2)
    assert bench.amps() == [10, 10]
    bench.units[0].fault = "0001 drew more than it may."
    bench.step(5000)
    # Minimum on time or not.
    assert bench.amps() == [0, 20]
    assert (bench.units[0].state, bench.units[0].reason) == (
        "fault",
        "0001 drew more than it may.",
    )
    assert bench.run(700, 5000).amps() == [0, 20], "it starts again in spite of its fault"
    bench.units[0].fault = None
    assert bench.run(70, 5000).amps() == [10, 10]


def test_what_is_held_neither_starts_nor_is_raised():
    bench = Bench()
    bench.law.held = "a second master, ABCD, is on the line"
    bench.run(200, 3000)
    assert bench.amps() == [0]
    assert bench.law.reason == (
        "Waiting: 3 000 W of 1 440 W surplus, but a second master, ABCD, is on the line."
    )
    bench.law.held = None
    bench.step(3000)
    assert bench.amps() == [6]
    # What runs is not stopped; that it does not rise is said.
    bench.run(5, 1500).law.held = "a second master, ABCD, is on the line"
    bench.limits["0001"] = 6
    bench.step(3000)
    assert bench.law.reason == (
        "Charging at 6 A, not raised: a second master, ABCD, is on the line: 3 000 W of surplus."
    )


def test_the_limit_for_all_may_change():
    bench = charging(9000, 2, wires=32)
    assert bench.amps() == [16, 16]
    bench.law.limit_amps = 20
    bench.step(9000)
    assert bench.amps() == [10, 10]
    bench.law.limit_amps = 8
    bench.step(9000)
    assert bench.amps() == [8, 0]
