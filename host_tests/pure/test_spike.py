"""The spike cure: only for a car that is really stuck, briefly, seldom, and within the limits.

Plain functions and bare asserts: they run under CPython and under MicroPython.
"""

from charging.spike import Spike

S = 1000

# Long enough for one spike: the next can come 10 s after its outcome, which takes 10 s.
ONE = 30


class Bench:
    """One unit that is offered what is wished within the second: `wish` amperes of the
    decisions, or the spike. The car draws what the test says."""

    def __init__(self, rating=32, limit=32):
        self.told = []
        self.spike = Spike(rating, "left", lambda *said: self.told.append(said))
        self.limit = limit
        self.now_ms = 5000
        self.offer = 0
        self.changed_ms = None
        self.obeys = True  # whether the spike is really offered
        self.spikes = []  # (second, amperes) of each second in which one was wished

    def run(self, seconds, wish, draw_amps):
        for _ in range(seconds):
            draw_ca = int(draw_amps * 100 + 0.5)
            amps = self.spike.amps(
                self.offer, wish, draw_ca, self.limit, self.changed_ms, self.now_ms
            )
            if amps is not None:
                self.spikes.append((self.now_ms // S, amps))
            if amps is None or not self.obeys:
                amps = wish
            if amps != self.offer:
                self.offer = amps
                self.changed_ms = self.now_ms
            self.now_ms += S
        return self

    def count(self):
        """How many spikes there were since the last call; each second of one follows the
        other."""
        spikes = self.spikes
        self.spikes = []
        begun = 0
        last = None
        for second, _ in spikes:
            if last is None or second != last + 1:
                begun += 1
            last = second
        return begun


def charging(**more):
    """A car that drew 12 A of 12 A."""
    return Bench(**more).run(60, 12, 12)


# The cure.


def test_a_stuck_car_is_offered_sixteen_amperes_for_six_seconds():
    bench = charging().run(1, 10, 5.8)
    changed_s = bench.changed_ms // S
    bench.run(10, 10, 5.8)
    assert bench.spikes == [(changed_s + 10, 16)] and bench.offer == 16
    bench.run(15, 10, 5.8)
    assert bench.spikes == [(changed_s + 10 + second, 16) for second in range(6)]
    assert bench.offer == 10 and bench.changed_ms // S == changed_s + 16


def test_it_is_told_once_with_its_outcome():
    bench = charging().run(11, 10, 5.8).run(9, 10, 5.8)
    assert bench.count() == 1 and bench.told == []
    bench.run(60, 10, 9.8)
    assert bench.told == [
        (
            "info",
            "left: stuck at 5.8 A of 10 A: offered 16 A for 6 s; 10 s later it draws 9.8 A "
            "of 10 A.",
        )
    ]
    assert bench.count() == 0


def test_eighty_ampere_units_get_twentyone():
    for rating, amps in ((32, 16), (40, 16), (48, 16), (78, 16), (79.99, 21), (80, 21)):
        bench = charging(rating=rating, limit=48).run(ONE, 10, 5.8)
        assert [wished for _, wished in bench.spikes][:1] == [amps], rating
    # Then an offer of 18 A is one that can be stuck, too.
    assert charging(rating=80, limit=48).run(ONE, 18, 5.8).count() == 1
    assert charging(rating=32, limit=48).run(ONE, 18, 5.8).count() == 0


def test_it_lasts_six_seconds_from_when_it_was_really_offered():
    bench = charging()
    bench.obeys = False
    bench.run(13, 10, 5.8)
    assert bench.spikes  # asked for, not offered yet
    bench.obeys = True
    bench.run(1, 10, 5.8)
    assert bench.offer == 16
    offered_ms = bench.changed_ms
    while bench.offer == 16:
        bench.run(1, 10, 5.8)
        assert bench.now_ms < offered_ms + 20 * S
    assert bench.changed_ms - offered_ms == 6 * S


def test_a_spike_that_is_not_offered_is_given_up():
    bench = charging()
    bench.obeys = False
    bench.run(25, 10, 5.8)
    assert bench.count() == 1
    bench.run(600, 10, 0)
    assert bench.told == [] and bench.count() == 0


def test_what_nobody_saw_is_not_told():
    # The unit was lost during the spike, or after it.
    for seconds in (3, 9):
        bench = charging()
        while not bench.spikes:
            bench.run(1, 10, 5.8)
        bench.run(seconds, 10, 5.8)
        bench.offer = 6
        bench.changed_ms = bench.now_ms
        bench.now_ms += 60 * S
        wished = len(bench.spikes)
        bench.run(9, 10, 9.8)
        assert bench.told == [] and len(bench.spikes) == wished


def test_less_than_the_spike_is_no_spike():
    # 13 A of the 16: more than was wished, and it cures nothing.
    bench = charging().run(1, 10, 5.8)
    while not bench.spikes:
        bench.run(1, 10, 5.8)
    assert bench.spike.amps(13, 10, 580, 32, bench.now_ms - S, bench.now_ms) is None


# Not a car that is not stuck.


def test_not_a_car_that_never_drew_more():
    # It is limited on its own screen.
    bench = Bench().run(600, 12, 5.8)
    assert bench.count() == 0
    assert Bench().run(60, 12, 6.5).run(600, 12, 5.8).count() == 0
    assert Bench().run(60, 12, 6.51).run(ONE, 12, 5.8).count() == 1


def test_the_draws_of_a_stuck_car():
    for draw, spikes in ((0, 0), (1.9, 0), (2.0, 0), (2.01, 1), (6.5, 1), (6.51, 0), (9, 0)):
        assert charging().run(ONE, 12, draw).count() == spikes, draw


def test_at_least_two_amperes_more_are_offered():
    for wish, draw, spikes in ((8, 6.01, 0), (8, 6, 1), (7, 5.8, 0), (8, 5.8, 1), (6, 4, 1)):
        assert charging().run(ONE, wish, draw).count() == spikes, (wish, draw)


def test_and_less_than_the_spike():
    for wish, spikes in ((15, 1), (16, 0), (20, 0)):
        assert charging().run(ONE, wish, 5.8).count() == spikes, wish


def test_the_offer_is_unchanged_for_ten_seconds():
    bench = charging()
    for _ in range(20):
        bench.run(9, 10, 5.8).run(9, 11, 5.8)
    assert bench.count() == 0


def test_the_car_is_stuck_for_ten_seconds():
    bench = charging().run(60, 10, 10)
    for _ in range(20):
        bench.run(10, 10, 5.8).run(1, 10, 7)
    assert bench.count() == 0
    assert bench.run(11, 10, 5.8).count() == 1


def test_a_reduction_that_is_due_goes_first():
    # Nothing to win: less is left for it than would free it.
    bench = charging().run(1, 10, 5.8)
    for _ in range(60):
        assert bench.spike.amps(10, 6, 580, 32, bench.changed_ms, bench.now_ms) is None
        bench.now_ms += S


def test_a_raise_that_has_not_come_is_nothing_to_be_stuck_at():
    # 7 A offered, 12 A wished: the gate holds the raise back.
    bench = charging().run(1, 7, 5.8)
    for _ in range(60):
        assert bench.spike.amps(7, 12, 580, 32, bench.changed_ms, bench.now_ms) is None
        bench.now_ms += S


def test_an_offer_that_never_changed_and_none():
    told = []
    spike = Spike(32, "left", lambda *said: told.append(said))
    now_ms = 0
    for draw_ca in [1200] * 5 + [580] * 10:
        assert spike.amps(10, 10, draw_ca, 32, None, now_ms) is None
        now_ms += S
    assert spike.amps(10, 10, 580, 32, None, now_ms) == 16
    assert Spike(32, "left", None).amps(None, 10, 580, 32, None, 0) is None


# Within the limits.


def test_never_above_what_wires_and_policy_allow():
    for limit, spikes in ((15, 0), (16, 1), (0, 0)):
        bench = charging(limit=limit).run(100, 10, 5.8)
        assert min(1, bench.count()) == spikes, limit
    assert charging(rating=80, limit=20).run(60, 10, 5.8).count() == 0
    assert charging(rating=80, limit=21).run(ONE, 10, 5.8).count() == 1


def test_it_ends_at_once_when_the_limit_falls():
    bench = charging()
    while not bench.spikes:
        bench.run(1, 10, 5.8)
    bench.run(2, 10, 5.8)
    assert bench.offer == 16
    bench.limit = 15
    wished = len(bench.spikes)
    bench.run(1, 10, 5.8)
    assert bench.offer == 10 and len(bench.spikes) == wished
    bench.run(600, 10, 5.8)
    assert len(bench.spikes) == wished
    assert bench.told == [
        (
            "info",
            "left: stuck at 5.8 A of 10 A: offered 16 A for 3 s, ended by a limit of 15 A; "
            "10 s later it draws 5.8 A of 10 A.",
        )
    ]


def test_also_before_it_is_offered():
    bench = charging()
    bench.obeys = False
    while not bench.spikes:
        bench.run(1, 10, 5.8)
    bench.limit = 15
    wished = len(bench.spikes)
    bench.run(600, 10, 5.8)
    assert len(bench.spikes) == wished and bench.told == []


def test_it_ends_at_once_when_the_car_shall_stop_or_fall():
    for wish in (0, 6, 7):
        bench = charging()
        while not bench.spikes:
            bench.run(1, 10, 5.8)
        bench.run(2, 10, 5.8)
        bench.run(1, wish, 5.8)
        assert bench.offer == wish, wish
        bench.run(20, wish, 5.8)
        assert f"ended because {wish} A are left for it" in bench.told[0][1]
    # A cloud that leaves enough does not end it.
    bench = charging()
    while not bench.spikes:
        bench.run(1, 10, 5.8)
    bench.run(2, 10, 5.8).run(1, 9, 5.8)
    assert bench.offer == 16


def test_a_cut_by_someone_else_ends_it():
    bench = charging()
    while not bench.spikes:
        bench.run(1, 10, 5.8)
    bench.run(2, 10, 5.8)
    assert bench.spike.amps(12, 10, 580, 32, bench.now_ms, bench.now_ms) is None


def test_four_an_hour():
    bench = charging()
    began_ms = bench.now_ms
    while bench.now_ms < began_ms + 3590 * S:
        bench.run(10, 10, 5.8)
    assert bench.count() == 4
    assert len(bench.told) == 4
    # The first of them is an hour old soon.
    bench.run(ONE, 10, 5.8)
    assert bench.count() == 1
    # In any hour of a long day.
    bench.now_ms = began_ms
    bench = charging()
    bench.run(6 * 3600, 10, 5.8)
    seconds = [second for second, _ in bench.spikes]
    starts = [s for index, s in enumerate(seconds) if not index or seconds[index - 1] != s - 1]
    assert len(starts) == 24
    for index in range(4, len(starts)):
        assert starts[index] - starts[index - 4] >= 3600


# Sessions.


def test_a_pause_does_not_end_the_session():
    bench = charging().run(600, 0, 0).run(ONE, 10, 5.8)
    assert bench.count() == 1


def test_a_long_pause_does():
    assert charging().run(890, 0, 0).run(ONE, 10, 5.8).count() == 1
    assert charging().run(910, 0, 0.3).run(60, 10, 5.8).count() == 0


def test_another_car_is_another_session():
    bench = charging()
    bench.spike.unplugged()
    assert bench.run(60, 10, 5.8).count() == 0
