"""Stopping and resuming: what is sent, when an offer may follow, and what the journal says.

Plain functions and bare asserts: they run under CPython and under MicroPython.
"""

from charging.stopping import Stopping

S = 1000


class Bench:
    """One unit, second by second. It is offered what is wished as soon as `may_offer` says so;
    `commands` collects (second, command) that were to be sent. What the car draws and whether
    the unit answers its commands is up to the test."""

    def __init__(self, contactors=True, answers=True):
        self.told = []
        self.commands = []
        self.stopping = Stopping("left", contactors, lambda *said: self.told.append(said))
        self.answers = answers
        self.now_ms = 7000
        self.offer = None
        self.state = 0

    def run(self, seconds, wish, draw_amps):
        for _ in range(seconds):
            draw_ca = int(draw_amps * 100 + 0.5)
            command = self.stopping.follow(self.offer, wish, draw_ca, self.state, self.now_ms)
            if command:
                self.commands.append((self.now_ms // S, command))
                if self.answers:
                    self.stopping.answered(command, self.now_ms + 60)
            self.offer = wish if self.stopping.may_offer else 0
            self.now_ms += S
        return self

    def sent(self):
        """The commands since the last call, with seconds counted from the first of them."""
        first = self.commands[0][0] if self.commands else 0
        found = [(second - first, command) for second, command in self.commands]
        self.commands = []
        return found

    def said(self):
        """The sentences since the last call."""
        found = [sentence for _, sentence in self.told]
        self.told = []
        return found


def charging(contactors=True, answers=True):
    """A car that draws 12 A of 12 A, and a journal that has nothing in it."""
    bench = Bench(contactors, answers).run(1, 12, 0.3).run(70, 12, 12)
    bench.sent()
    bench.said()
    return bench


# Stopping with 0 A.


def test_a_car_that_obeys():
    bench = charging().run(1, 0, 12).run(4, 0, 8.1).run(60, 0, 0.3)
    assert bench.said() == ["left: stop: 0 A offered; 0.3 A after 4 s."]
    assert bench.sent() == []
    assert bench.stopping.contactors == "closed"


def test_a_stop_counts_from_the_offer_not_from_the_wish():
    bench = charging()
    for _ in range(30):  # 0 A is wished, but its heartbeat has not left
        assert bench.stopping.follow(12, 0, 1200, 1, bench.now_ms) is None
        bench.now_ms += S
    assert bench.said() == []


def test_a_car_that_stops_at_once_is_told_too():
    bench = charging().run(1, 0, 12).run(60, 0, 0)
    assert bench.said() == ["left: stop: 0 A offered; 0.0 A after 0 s."]
    # But not one that had stopped by itself before.
    bench = charging().run(10, 12, 0).run(60, 0, 0)
    assert bench.said() == []


def test_calibration_is_no_draw():
    bench = charging().run(1, 0, 12).run(600, 0, 0.99)
    assert bench.said() == ["left: stop: 0 A offered; 1.0 A after 0 s."]
    assert bench.sent() == []


def test_without_a_draw_a_stop_is_not_told():
    bench = Bench(False).run(30, 6, 0.3).run(600, 0, 0.3)
    assert bench.said() == [] and bench.sent() == []


def test_a_draw_around_one_ampere_is_told_once():
    bench = charging().run(1, 0, 12).run(2, 0, 1.1)
    for _ in range(300):
        bench.run(1, 0, 0.9).run(1, 0, 1.1)
    assert len(bench.said()) == 1 and bench.sent() == []


# Contactors.


def test_contactors_that_are_not_allowed_are_never_touched():
    bench = charging(contactors=False).run(1, 0, 12).run(300, 0, 8.1)
    assert bench.sent() == []
    assert bench.told == [
        (
            "warning",
            "left: still draws 8.1 A after 10 s of 0 A; its contactors may not be opened.",
        )
    ]
    bench.run(30, 0, 0).run(30, 12, 0).run(30, 12, 12)
    assert bench.sent() == []
    bench.stopping.answered("open", bench.now_ms)
    assert bench.stopping.contactors is None and bench.stopping.may_offer


def test_a_car_that_draws_on_loses_its_contactors():
    bench = charging().run(1, 0, 12).run(10, 0, 8.1)
    assert bench.sent() == []
    bench.run(1, 0, 8.1)
    assert bench.sent() == [(0, "open")]
    assert bench.told == [
        ("warning", "left: still draws 8.1 A after 10 s of 0 A: opening its contactors."),
        ("info", "left: contactors open, confirmed."),
    ]
    assert bench.stopping.contactors == "open"
    bench.said()
    # The last answers with a draw in them do not make them closed again.
    bench.run(3, 0, 8.1)
    assert bench.stopping.contactors == "open"
    bench.run(600, 0, 0)
    assert bench.said() == ["left: stop: contactors open; 0.0 A after 14 s."]
    assert bench.sent() == []


def test_a_command_without_an_answer_goes_out_three_times():
    bench = charging(answers=False).run(1, 0, 12).run(300, 0, 8.1)
    assert bench.sent() == [(0, "open"), (2, "open"), (4, "open")]
    assert bench.said() == [
        "left: still draws 8.1 A after 10 s of 0 A: opening its contactors.",
        "left: no answer to opening its contactors (since firmware 4.5.3).",
    ]


def test_an_answer_ends_the_repeats():
    bench = charging(answers=False).run(1, 0, 12).run(13, 0, 8.1)
    assert bench.sent() == [(0, "open"), (2, "open")]
    bench.stopping.answered("open", bench.now_ms)
    bench.run(60, 0, 8.1)
    assert bench.sent() == []
    assert bench.said()[-1] == "left: contactors open, confirmed."


def test_a_car_that_stops_by_itself_meanwhile_ends_the_repeats():
    bench = charging(answers=False).run(1, 0, 12).run(11, 0, 8.1).run(60, 0, 0)
    assert bench.sent() == [(0, "open")]
    # Whether they opened is not known: they are closed before the next offer.
    assert bench.stopping.contactors is None
    bench.answers = True
    bench.run(5, 6, 0)
    assert bench.sent() == [(0, "close")]


def test_what_did_not_help_is_tried_again_after_ten_minutes():
    bench = charging().run(1, 0, 12).run(1300, 0, 8.1)
    assert [second for second, _ in bench.sent()] == [0, 601, 1202]
    warnings = [one for one in bench.said() if "still draws" in one]
    assert warnings == [
        f"left: still draws 8.1 A after {age} of 0 A: opening its contactors."
        for age in ("10 s", "10 min", "20 min")
    ]


def test_a_draw_that_begins_without_an_offer():
    bench = Bench().run(300, 0, 0.3).run(60, 0, 8.1)
    assert bench.sent() == [(0, "open")]
    assert bench.commands == []
    assert bench.said()[0] == "left: still draws 8.1 A after 10 s of 0 A: opening its contactors."


def test_a_car_found_drawing_at_zero_is_watched_from_the_first_call():
    bench = Bench().run(1, 0, 8.1).run(3, 0, 8.1).run(5, 0, 0)
    assert bench.said() == ["left: stop: 0 A offered; 0.0 A after 4 s."]


def test_a_gap_begins_the_watch_anew():
    # A silent unit: its last draw is old, and perhaps it heard the 0 A only now.
    bench = charging().run(1, 0, 12).run(5, 0, 8.1)
    bench.now_ms += 20 * S
    bench.run(10, 0, 8.1)
    assert bench.sent() == [] and bench.said() == []
    bench.run(1, 0, 8.1)
    assert bench.sent() == [(0, "open")]


# Resuming.


def test_resume_without_contactor_commands_is_an_offer():
    bench = Bench(False)
    assert bench.stopping.may_offer
    bench.run(1, 0, 0).run(3, 6, 0)
    assert bench.offer == 6
    bench.run(9, 6, 0).run(30, 6, 5.8)
    assert bench.said() == ["left: resume: 6 A offered; draws 5.8 A after 11 s."]
    assert bench.sent() == []


def test_the_first_resume_closes_first():
    bench = Bench(answers=False)
    assert not bench.stopping.may_offer
    bench.run(30, 0, 0)
    assert not bench.stopping.may_offer and bench.sent() == []
    bench.run(2, 6, 0)
    assert bench.sent() == [(0, "close")] and bench.offer == 0
    bench.stopping.answered("close", bench.now_ms)
    assert bench.stopping.contactors == "closed"
    bench.run(1, 6, 0)
    assert bench.offer == 6
    bench.run(12, 6, 0).run(5, 6, 5.8)
    assert bench.said() == [
        "left: resume: contactors closed (confirmed), 6 A offered; draws 5.8 A after 12 s."
    ]
    # From now on they are known to be.
    bench.run(60, 0, 0).run(60, 6, 5.8)
    assert bench.sent() == []


def test_a_resume_gives_up_waiting_and_is_told():
    bench = Bench(answers=False).run(1, 0, 0)
    seconds = 0
    while not bench.offer:
        bench.run(1, 6, 0)
        seconds += 1
        assert seconds < 20
    assert bench.sent() == [(0, "close"), (2, "close"), (4, "close")]
    assert seconds == 7  # two seconds for the last answer
    assert bench.told == [
        ("warning", "left: no answer to closing its contactors, offering all the same.")
    ]
    bench.said()
    bench.run(300, 6, 5.8)
    assert bench.said()[0].startswith(
        "left: resume: no answer to closing its contactors, 6 A offered; draws 5.8 A"
    )
    assert bench.sent() == []


def test_each_resume_tries_to_close_until_they_are_known_to_be():
    bench = Bench(answers=False).run(1, 0, 0).run(20, 6, 0)
    assert len(bench.sent()) == 3
    bench.run(20, 0, 0)
    assert not bench.stopping.may_offer
    bench.answers = True
    bench.run(5, 6, 0)
    assert bench.sent() == [(0, "close")] and bench.offer == 6


def test_after_they_were_opened_a_resume_closes_them_again():
    bench = charging().run(1, 0, 12).run(12, 0, 8.1).run(600, 0, 0)
    bench.sent()
    bench.said()
    assert not bench.stopping.may_offer
    bench.run(3, 6, 0)
    assert bench.sent() == [(0, "close")] and bench.offer == 6
    bench.run(20, 6, 5.8)
    assert bench.said()[0].startswith("left: resume: contactors closed (confirmed), 6 A offered")


def test_they_stay_open_for_a_minute():
    bench = charging().run(1, 0, 12).run(11, 0, 8.1)
    assert bench.sent() == [(0, "open")]
    opened_s = bench.now_ms // S - 1
    while not bench.commands:
        bench.run(1, 6, 0)
        assert bench.now_ms // S < opened_s + 100
    # Of the answer, that is: it came a moment after the command.
    assert bench.commands == [(opened_s + 61, "close")]


def test_a_late_breach_during_a_wish_does_not_lock_the_unit_out():
    # The gate may hold a unit at 0 A that the decisions want to charge.
    bench = Bench().run(1, 0, 0).run(5, 6, 0).run(60, 6, 6)
    bench.sent()
    stopping = bench.stopping
    for _ in range(12):
        command = stopping.follow(0, 6, 900, 1, bench.now_ms)
        if command:
            stopping.answered(command, bench.now_ms)
        bench.now_ms += S
    assert stopping.contactors == "open" and not stopping.may_offer
    bench.offer = 0
    bench.run(120, 6, 0)
    assert bench.sent() == [(0, "close")]
    assert stopping.may_offer and bench.offer == 6


def test_a_wish_that_ends_ends_the_closing():
    bench = Bench(answers=False).run(1, 0, 0).run(1, 6, 0).run(60, 0, 0)
    assert bench.sent() == [(0, "close")]
    assert bench.said() == [] and not bench.stopping.may_offer


def test_a_car_found_charging_is_not_held_back():
    # After a restart: it draws, so they are closed.
    bench = Bench().run(1, 6, 8.0)
    assert bench.stopping.may_offer and bench.stopping.contactors == "closed"
    bench.run(120, 6, 6)
    assert bench.sent() == []
    bench = Bench()
    bench.offer = 6
    bench.run(120, 6, 0.3)
    assert bench.stopping.may_offer and bench.sent() == []
    assert bench.said() == []  # and no resume of ours


def test_what_people_send_by_hand_is_known():
    bench = charging()
    bench.run(5, 0, 0)
    bench.said()
    bench.stopping.answered("open", bench.now_ms)
    assert bench.stopping.contactors == "open"
    bench.run(2, 0, 0)
    assert not bench.stopping.may_offer
    bench.run(70, 6, 0)
    assert bench.sent() == [(0, "close")]
    assert bench.stopping.contactors == "closed" and bench.offer == 6


# What the car did.


def test_no_draw_is_told_after_a_minute_and_a_late_start_too():
    bench = Bench(False).run(1, 0, 0)
    bench.state = 3
    bench.run(61, 6, 0.3)
    assert bench.said() == []
    bench.run(400, 6, 0.3)
    assert bench.said() == [
        "left: resume: 6 A offered for 60 s, no draw (state 03): asleep (up to 15 min), "
        "full or gone."
    ]
    bench.run(100, 6, 5.8)
    assert bench.said() == ["left: resume: 6 A offered; draws 5.8 A after 7 min."]


def test_no_draw_after_contactors_were_open():
    bench = charging().run(1, 0, 12).run(11, 0, 8.1).run(600, 0, 0)
    bench.said()
    bench.run(100, 6, 0)
    assert bench.said() == [
        "left: resume: contactors closed (confirmed), 6 A offered for 60 s, no draw (state 00); "
        "it may need to be plugged in again."
    ]


def test_what_a_rising_car_settles_at_is_told():
    bench = Bench(False).run(1, 0, 0).run(4, 12, 0)
    for tenths in range(0, 120, 10):
        bench.run(1, 12, tenths / 10)
    assert bench.said() == ["left: resume: 12 A offered; draws 11.0 A after 14 s."]
    bench.run(300, 12, 12)
    assert bench.said() == []


def test_a_car_that_takes_less_is_told_after_a_minute():
    bench = Bench(False).run(1, 0, 0).run(300, 16, 5)
    assert bench.said() == ["left: resume: 16 A offered; draws 5.0 A after 60 s."]


def test_an_offer_that_ends_before_the_car_begins_is_not_told():
    bench = Bench(False).run(1, 0, 0).run(30, 6, 0).run(100, 0, 0)
    assert bench.said() == []


def test_raises_and_reductions_are_no_resumes():
    bench = charging()
    for wish in (16, 6, 32, 10):
        bench.run(20, wish, wish)
    assert bench.said() == [] and bench.sent() == []


def test_a_close_that_was_given_up_counts_for_nothing_once_they_are_opened():
    # All the time something is wished: first nothing answers, then the car draws on at 0 A.
    bench = Bench(answers=False).run(1, 0, 0).run(30, 6, 0).run(60, 6, 6)
    bench.sent()
    bench.answers = True
    for _ in range(12):
        command = bench.stopping.follow(0, 6, 900, 1, bench.now_ms)
        if command:
            bench.stopping.answered(command, bench.now_ms)
        bench.now_ms += S
    assert bench.stopping.contactors == "open" and not bench.stopping.may_offer
    bench.offer = 0
    bench.run(100, 6, 0)
    assert bench.sent() == [(0, "close")] and bench.offer == 6


def test_a_charge_since_they_were_open_makes_the_next_one_an_ordinary_one():
    bench = charging().run(1, 0, 12).run(11, 0, 8.1).run(600, 0, 0).run(100, 6, 6)
    bench.run(100, 0, 0)
    bench.said()
    bench.run(100, 6, 0)
    assert bench.said() == [
        "left: resume: 6 A offered for 60 s, no draw (state 00): asleep (up to 15 min), "
        "full or gone."
    ]
