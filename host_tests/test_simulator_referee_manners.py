"""The referee's rules about contactors, questions and a second master: each is broken once, and
kept once where that is close."""

import pytest
from referee_game import A, B, Game, only

from simulator.wire import encode

STOPPED = {"state": 3, "draw": 0}


# -- contactors


@pytest.mark.parametrize("function", ["FCB1", "FCB2"])
def test_contactors_only_where_allowed(function):
    game = Game(contactors=(A,))
    game.master(function + "7777" + A + "00" * 9)
    assert game.report == []
    game.master(function + "7777" + B + "00" * 9)
    only(game.report, function, B, "not ours")


# -- questions


class Asking(Game):
    """Heartbeats to A at each full second, and questions in between."""

    def beat(self):
        self.order(A, 9, 6)
        self.answer(A, 1, 6, 5.2)

    def ask(self, after_ms, question="FBEB7777" + A + "00" * 9):
        """A question that begins `after_ms` after the second's heartbeat began, and its answer."""
        start = len(bytes.fromhex(question)) + 4
        ends_ms = self.now_ms - 19 + after_ms + int(start * 1.042)
        self.referee.hear(_wire(question), ends_ms, "master")
        answer = "FD" + question[2:4] + A + "00" * 15
        self.referee.hear(_wire(answer), ends_ms + 60, A)

    def play(self, *questions):
        self.beat()
        self.wait(1)
        for after_ms in questions:
            self.beat()
            if after_ms is not None:
                self.ask(after_ms)
            self.wait(1)
        self.beat()


def _wire(text):
    return encode(bytes.fromhex(text))


def test_questions_in_their_places():
    game = Asking()
    game.play(400, 450, 700, None, 380)
    assert game.report == []


def test_two_questions_within_a_second():
    game = Asking()
    game.play(500, 400)
    only(game.report, "FBEB came 900 ms after another question")


def test_a_question_too_soon_after_the_answer():
    game = Asking()
    game.play(300)
    only(game.report, f"after {A} spoke")


def test_a_question_too_close_to_the_next_heartbeat():
    game = Asking()
    game.play(850)
    only(game.report, "FBEB was asked 150 ms before the heartbeat", A)


def test_a_question_that_delays_a_heartbeat():
    game = Asking()
    game.play()
    game.ask(900)
    game.wait(1.4)
    game.beat()
    only(game.report, "FBEB was asked 100 ms before the heartbeat")


def test_a_question_while_an_answer_is_awaited():
    game = Asking()
    game.beat()
    game.wait(0.4)
    game.order(B, 9, 6)
    game.wait(0.08)
    game.master("FBEB7777" + A + "00" * 9)
    assert [sentence for sentence in game.report if "still awaited" in sentence], game.report


def test_an_old_question_is_one_too():
    game = Asking()
    game.beat()
    game.ask(200, "FB19" + "00" * 11)
    only(game.report, "FB19 was asked", f"after {A} spoke")


# -- a second master

BEAT = "FBE0ABCD2434000000" + "00" * 6


@pytest.mark.parametrize(
    ("what", "counts"),
    [
        (BEAT, True),
        ("FCE1ABCD77" + "00" * 8, True),
        ("FBE2ABCD77" + "00" * 8, True),
        ("FC1D" + "00" * 11, True),
        ("FBEBABCD2434" + "00" * 9, True),
        ("FBE077772434000000" + "00" * 6, False),  # our own echo
        ("FDE0ABCD2434000000" + "00" * 6, False),
    ],
)
def test_nothing_is_raised_beside_a_second_master(what, counts):
    game = Game()
    game.seconds(10, A, 6)
    game.foreign(what)
    game.wait(1)
    game.seconds(3, A, 6)
    game.foreign(what)
    game.wait(0.5)
    assert game.referee.second_master(game.now_ms) == counts
    game.second(A, 10)
    assert bool(game.report) == counts, game.report
    assert not counts or only(game.report, f"{A} was raised to 10 A beside a second master")


@pytest.mark.parametrize(("wait_s", "wrong"), [(55, True), (61, False)])
def test_until_it_has_been_silent_for_a_minute(wait_s, wrong):
    game = Game()
    game.seconds(2, A, 6)
    for _ in range(20):
        game.foreign(BEAT)
        game.second(A, 6)
    game.seconds(wait_s - 1, A, 6)
    game.order(A, 9, 10)
    assert bool(game.report) == wrong, game.report


def test_one_frame_is_not_a_master_and_two_far_apart_are_none_either():
    game = Game()
    for _ in range(3):
        game.foreign(BEAT)
        game.seconds(61, A, 6)
        assert not game.referee.second_master(game.now_ms)


def test_a_second_master_is_not_known_after_a_power_cut_until_it_speaks_again():
    def raised(speaks_again):
        game = Game()
        game.seconds(10, A, 6)
        for _ in range(2):
            game.foreign(BEAT)
            game.wait(1)
        game.referee.power_cut()
        for _ in range(2 * speaks_again):
            game.foreign(BEAT)
            game.wait(1)
        game.seconds(10, A, 6)
        game.second(A, 10)
        return [sentence for sentence in game.report if "raised" in sentence]

    assert raised(False) == []
    only(raised(True), "was raised to 10 A beside a second master")


def test_reductions_and_stops_go_on_beside_a_second_master():
    game = Game()
    game.seconds(10, A, 16)
    for _ in range(2):
        game.foreign(BEAT)
    game.wait(0.5)
    game.seconds(10, A, 6)
    game.seconds(10, A, 0, **STOPPED)
    assert game.report == []
    game.second(A, 6)
    only(game.report, "was raised to 6 A beside a second master")


def test_an_answer_to_another_master_is_no_answer_to_ours():
    game = Game()
    game.seconds(3, A, 10)
    game.order(A, 9, 6)
    game.foreign("FDE0" + A + "ABCD01" + "0258" + "0208" + "00" * 4, A)
    assert game.referee.slaves[A].taken == 10
