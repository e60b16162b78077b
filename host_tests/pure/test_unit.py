"""One wall connector as the decisions see it: whether its car wants, and how much.

Runs under CPython and under MicroPython. Draws in 0.01 A.
"""

from charging.relay import ON, Relay
from charging.unit import Unit

S = 1000


def new(**more):
    unit = Unit("0001", "left", 240, Relay(600 * S, 600 * S, None, 0), **more)
    unit.maximum_amps = 32
    unit.now_ms = 0
    return unit


def run(unit, seconds, offer, draw_ca, present=True):
    for _ in range(seconds):
        unit.follow(True, offer, draw_ca, unit.now_ms, present)
        unit.now_ms += S
    return unit


def test_one_that_turns_up_drawing_is_running():
    for draw_ca, amps in ((99, 0), (100, 6), (1580, 6)):
        assert run(new(), 1, 16, draw_ca).amps == amps, draw_ca
    # But not one that begins while it answers: what it is offered is not from here.
    assert run(run(new(), 5, 0, 25), 5, 0, 600).amps == 0


def test_one_that_is_lost_gets_nothing_and_is_found_again():
    unit = run(new(), 60, 12, 1180)
    unit.amps = 12
    unit.follow(False, 0, 0, unit.now_ms)
    assert (unit.amps, unit.offer_amps, unit.draw_ca, unit.ready) == (0, 0, 0, False)
    assert unit.relay.life == 1
    run(unit, 1, 12, 1180)
    assert unit.amps == 6 and unit.relay.life == 1


def test_after_a_reset_a_draw_that_goes_on_is_no_start_however_late_it_is_heard():
    unit = Unit("0001", "left", 240, Relay(600 * S, 600 * S, ON, 0, 7, 3))
    for second in range(30):
        unit.follow(False, 0, 0, second * S)
    unit.follow(True, 0, 1180, 30 * S)
    assert (unit.relay.life, unit.relay.today) == (7, 3)


def test_a_car_has_a_minute_to_begin():
    unit = run(new(), 60, 16, 25)
    assert unit.takes_more and unit.wants is None
    run(unit, 1, 16, 25)
    assert not unit.takes_more and unit.asked_ms(unit.now_ms) == 61 * S
    run(unit, 1, 16, 100)
    assert unit.takes_more


def test_a_car_surely_wants_from_two_amperes_on():
    assert run(new(), 5, 6, 199).wants is None
    assert run(new(), 5, 6, 200).wants is True


def test_under_one_ampere_for_15_minutes_it_does_not_want():
    unit = run(new(), 900, 6, 99)
    assert unit.wants is None
    assert run(unit, 1, 6, 99).wants is False
    # A draw in between begins the time anew; so does an offer that ends.
    for offer, draw_ca in ((6, 100), (0, 25)):
        unit = run(new(), 890, 6, 25)
        run(unit, 1, offer, draw_ca)
        run(unit, 890, 6, 25)
        assert unit.wants is None, (offer, draw_ca)
    # A car that has drawn and is full does not want either.
    unit = run(run(new(), 100, 6, 580), 899, 6, 25)
    assert unit.wants is True
    assert run(unit, 1, 6, 25).wants is False


def refused():
    unit = run(new(), 901, 6, 25)
    assert unit.wants is False
    return run(unit, 100, 0, 25)


def test_it_is_asked_again_after_an_hour():
    unit = refused()
    assert unit.again_ms(unit.now_ms) == 3600 * S - 101 * S
    run(unit, 3499, 0, 25)
    assert unit.wants is False and unit.again_ms(unit.now_ms - S) == S
    run(unit, 2, 0, 25)
    assert unit.wants is None and unit.again_ms(unit.now_ms) == 0
    # That it did not want is remembered until it draws.
    assert unit.refused_ms is not None
    assert run(unit, 5, 6, 580).refused_ms is None


def test_it_is_asked_again_when_a_person_says_so():
    unit = refused()
    unit.ask()
    assert unit.wants is None and unit.refused_ms is None
    # It gets the whole time.
    run(unit, 900, 6, 25)
    assert unit.wants is None
    assert run(unit, 1, 6, 25).wants is False


def test_it_is_asked_again_when_its_state_changes():
    assert run(refused(), 1, 0, 25, False).wants is None
    unit = run(new(), 100, 6, 580)
    assert unit.wants is True
    assert run(run(unit, 100, 0, 25), 1, 0, 25, False).wants is None


def test_a_car_that_is_plugged_in_during_an_offer_has_the_whole_time():
    unit = run(new(), 800, 6, 25, False)
    run(unit, 899, 6, 25, True)
    assert unit.wants is None
    run(unit, 2, 6, 25, True)
    assert unit.wants is False


def test_what_an_offer_changes_is_no_car_that_comes():
    # Some units change their state with the offer; and some waver between two.
    unit = run(new(), 901, 6, 25, "offered")
    run(unit, 30, 0, 25, "offered")
    run(unit, 100, 0, 25, "nothing")
    assert unit.wants is False
    for _ in range(100):
        run(unit, 1, 0, 25, "busy")
        run(unit, 1, 0, 25, "nothing")
    assert unit.wants is None  # once, since it had been calm
    unit = new()
    for _ in range(451):
        run(unit, 1, 6, 25, "busy")
        run(unit, 1, 6, 25, "nothing")
    assert unit.wants is False


def test_what_a_car_takes_that_leaves_some_of_its_offer():
    unit = run(new(), 60, 16, 1580)
    assert unit.takes_amps is None
    # 1.5 A less may be its way; more than that for a minute is left to others.
    assert run(unit, 200, 16, 1450).takes_amps is None
    run(unit, 59, 16, 1000)
    assert unit.takes_amps is None
    assert run(unit, 1, 16, 1000).takes_amps == 12
    # Around a whole ampere it stays as it is.
    for draw_ca in (1005, 995, 1099, 900, 1000):
        assert run(unit, 1, 12, draw_ca).takes_amps == 12, draw_ca
    assert run(unit, 1, 12, 899).takes_amps == 10
    # One that takes more gets more.
    assert run(unit, 1, 10, 980).takes_amps == 11
    assert run(unit, 1, 11, 1080).takes_amps == 12
    # Held back by something else, it is not known any more.
    assert run(unit, 1, 8, 780).takes_amps is None
    assert run(unit, 1, 0, 25).takes_amps is None


def test_it_takes_no_less_than_its_minimum():
    assert run(new(), 100, 16, 120).takes_amps == 6


def test_a_car_at_five_of_six_amperes_leaves_nothing():
    assert run(new(), 300, 6, 520).takes_amps is None


def test_watts_that_others_may_not_count_on():
    unit = run(new(), 1, 16, 25)
    unit.amps = 16
    assert unit.keeps_watts() == 16 * 240  # it may begin at any time
    run(unit, 10, 16, 1580)
    assert unit.keeps_watts() == 15.8 * 240
    run(unit, 1, 16, 800)
    assert unit.keeps_watts() == 16 * 240
    run(unit, 60, 16, 800)
    assert unit.keeps_watts() == 8 * 240
    run(unit, 100, 16, 25)
    assert unit.keeps_watts() == 6 * 240
    run(unit, 900, 16, 25)
    assert unit.wants is False and unit.keeps_watts() == 0


def test_most_and_off():
    unit = new()
    for mode, limit, most, off in (
        ("solar", None, 32, False),
        ("solar", 10, 10, False),
        ("fast", 40, 32, False),
        ("manual", 5, 5, True),
        ("manual", 6, 6, False),
        ("off", None, 32, True),
        ("minimum", 0, 0, True),
    ):
        unit.mode, unit.limit_amps = mode, limit
        assert (unit.most_amps(), unit.is_off()) == (most, off), (mode, limit)


def test_what_the_minimum_needs():
    unit = Unit("0001", "left", 690.0, None, phases=7)
    assert unit.needs_watts() == 4140
    unit.minimum_amps = 5
    assert unit.needs_watts() == 3450
