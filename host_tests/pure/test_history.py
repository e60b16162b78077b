"""The last hours of surplus, offer and draw: means of three minutes, and what was not known."""

import json
import sys

sys.path.append((__file__.rsplit("/", 1)[0] if "/" in __file__ else ".") + "/../..")

from firmware import forget, history_page

STEPS = 120


class Thing:
    """A unit, its energy, the inputs: whatever has a few attributes."""

    def __init__(self, **known):
        for name in known:
            setattr(self, name, known[name])


class App:
    """What the page's data are made of: two wall connectors of 230 V, and a surplus."""

    def __init__(self):
        forget("firmware.history")
        from firmware import history

        self.history = history
        self.now_ms = 0
        self.watts = None
        energy = Thing(watts=lambda draw_ca: draw_ca * 230 // 100)
        self.units = [
            Thing(ready=True, offer_amps=0, draw_ca=0, watts_per_amp=230, energy=energy)
            for _ in range(2)
        ]
        self.inputs = Thing(surplus_watts=lambda now_ms: self.watts)

    def run(self, seconds, surplus_watts, offer_amps=(0, 0), draw_ca=(0, 0)):
        """Samples for so long; the watts may be a function of the seconds since the start, a unit
        that is offered None does not answer."""
        for _ in range(seconds):
            self.watts = surplus_watts
            if callable(surplus_watts):
                self.watts = surplus_watts(self.now_ms // 1000)
            for place in (0, 1):
                unit = self.units[place]
                unit.ready = offer_amps[place] is not None
                unit.offer_amps, unit.draw_ca = offer_amps[place] or 0, draw_ca[place]
            self.history.sample(self, self.now_ms)
            self.now_ms += 1000
        return self

    def told(self):
        """The document; the moment after the last sample belongs to it."""
        self.history.sample(self, self.now_ms)
        document = json.loads("".join(history_page.pieces(self)))
        assert set(document) == {"step_s", "now_s", "surplus", "offer", "draw"}
        assert document["step_s"] == 180
        assert len(document["surplus"]) == len(document["offer"]) == len(document["draw"])
        return document


def test_nothing_is_told_before_the_first_three_minutes():
    app = App().run(179, 3000, (10, 0))
    document = app.told()
    assert document == {"step_s": 180, "now_s": 0, "surplus": [], "offer": [], "draw": []}
    assert app.run(1, 3000).told()["surplus"] == [3000]


def test_means_of_three_minutes_in_tens_of_watts():
    app = App().run(90, 1000).run(90, 3000, (6, 10), (600, 950)).run(180, -1234.5, (0, 6), (0, 20))
    document = app.told()
    assert document["surplus"] == [2000, -1230]
    # 16 A and 15.5 A of 230 V, for half of the time.
    assert document["offer"] == [1840, 1380] and document["draw"] == [1780, 50]
    assert document["now_s"] == 360


def test_what_is_not_known_is_not_zero():
    app = App().run(180, None, (None, None)).run(180, 0).run(180, None, (None, 8), (0, 100))
    document = app.told()
    assert document["surplus"] == [None, 0, None]
    # Of two of which one answers, it is that one's.
    assert document["offer"] == [None, 0, 1840] and document["draw"] == [None, 0, 230]


def test_a_step_of_which_more_than_half_is_unknown_is_unknown():
    app = App().run(91, None).run(89, 900).run(90, None).run(90, 900)
    # What is known of it is told as it was, and not thinned by what is not.
    assert app.told()["surplus"] == [None, 900]


def test_six_hours_are_kept_the_oldest_first():
    app = App().run(180 * (STEPS + 5), lambda now_s: now_s // 180 * 10)
    document = app.told()
    assert document["surplus"] == [10 * step for step in range(5, STEPS + 5)]
    assert document["now_s"] == 180 * (STEPS + 5)
    assert document["offer"] == [0] * STEPS


def test_steps_without_a_sample_are_unknown():
    app = App().run(180, 500)
    app.now_ms += 3 * 180000
    app.run(180, 700)
    assert app.told()["surplus"] == [500, None, None, None, 700]


def test_more_than_fits_is_the_most_that_does():
    assert App().run(180, 3000000).run(180, -3000000).told()["surplus"] == [327670, -327670]


def test_a_step_that_ends_while_it_is_read_does_not_stand_among_the_old_ones():
    app = App().run(180 * STEPS + 1, lambda now_s: now_s // 180 * 10, (1, 0))
    text = ""
    for piece in history_page.pieces(app):
        text += piece
        if '"offer"' in text and app.now_ms < 180000 * (STEPS + 1):
            app.run(180, 9990, (9, 0))
    document = json.loads(text)
    assert document["surplus"] == [10 * step for step in range(STEPS)]
    assert document["offer"] == [None] + [230] * (STEPS - 1)
