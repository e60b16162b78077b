"""The minimum on and off times of one relay."""

from charging import relay

ON_MS = 600000
OFF_MS = 300000


def new(remembered=None, now_ms=1000):
    return relay.Relay(ON_MS, OFF_MS, remembered, now_ms)


def test_nothing_known_or_free_may_start_at_once():
    for remembered in (None, relay.FREE):
        one = new(remembered)
        assert one.start_in_ms(1000) == 0
        assert one.stop_in_ms(1000) == 0
        assert one.memory(1000) == relay.FREE
        one.follow(0, 0, 2000)
        assert one.start_in_ms(2000) == 0 and one.memory(2000) == relay.FREE
        assert one.starts == 0 and not one.busy and not one.closed


def test_after_a_reset_a_charge_or_a_pause_rests_from_the_start():
    for remembered in (relay.ON, relay.RESTING):
        one = new(remembered)
        for now_ms in (1000, 2000, OFF_MS):
            one.follow(0, 0, now_ms)
            assert one.start_in_ms(now_ms) == 1000 + OFF_MS - now_ms
            assert one.memory(now_ms) == relay.RESTING
            assert one.stop_in_ms(now_ms) == 0
        assert one.start_in_ms(1000 + OFF_MS) == 0
        assert one.memory(1000 + OFF_MS) == relay.FREE


def test_memory_of_an_unknown_word_is_no_reason_to_fail():
    assert new("something").start_in_ms(1000) == 0


def test_after_a_reset_a_car_that_still_draws_runs_its_minimum_anew():
    for remembered in (None, relay.ON, relay.FREE):
        one = new(remembered)
        one.follow(0, 1500, 3000)
        assert one.closed and one.busy and one.starts == 1
        assert one.stop_in_ms(3000) == ON_MS
        assert one.memory(3000) == relay.ON


def test_after_a_reset_a_car_that_was_just_stopped_is_no_charge():
    # It was told to stop a second before the power failed, and reports its draw a little longer.
    one = new(relay.RESTING)
    for now_ms in (1500, 2500, 3500):
        one.follow(0, 520, now_ms)
        assert not one.busy and not one.closed and one.stop_in_ms(now_ms) == 0
        assert one.start_in_ms(now_ms) == OFF_MS and one.memory(now_ms) == relay.RESTING
    one.follow(0, 25, 4500)
    assert one.start_in_ms(4500) == 3500 + OFF_MS - 4500
    assert one.starts == one.life == one.today == 0
    # A draw after that is a start like any other.
    one.follow(0, 520, 5500)
    assert one.closed and one.starts == one.life == 1 and one.stop_in_ms(5500) == ON_MS


def test_after_a_reset_a_car_that_does_not_stop_or_is_offered_something_is_a_charge():
    one = new(relay.RESTING)
    one.follow(0, 520, 2000)
    one.follow(0, 520, 11500)
    assert one.closed and one.busy and one.stop_in_ms(11500) == ON_MS
    one = new(relay.RESTING)
    one.follow(6, 520, 2000)
    assert one.closed and one.starts == 1


def test_an_offer_makes_it_busy_and_a_draw_begins_the_minimum_on_time():
    one = new()
    one.follow(6, 0, 2000)
    assert one.busy and not one.closed and one.starts == 0
    assert one.memory(2000) == relay.ON
    assert one.stop_in_ms(2000) == ON_MS
    one.follow(6, 0, 12000)
    assert one.stop_in_ms(12000) == ON_MS - 10000
    one.follow(6, 520, 20000)
    assert one.closed and one.starts == 1
    assert one.stop_in_ms(20000) == ON_MS
    one.follow(12, 1180, 30000)
    assert one.stop_in_ms(30000) == ON_MS - 10000
    assert one.stop_in_ms(20000 + ON_MS) == 0
    assert one.stop_in_ms(20000 + 2 * ON_MS) == 0


def test_offer_and_draw_in_the_same_second():
    one = new()
    one.follow(6, 520, 2000)
    assert one.closed and one.busy and one.starts == 1
    assert one.stop_in_ms(2000) == ON_MS


def test_the_pause_begins_when_the_car_has_stopped_drawing():
    one = new()
    one.follow(6, 520, 2000)
    one.follow(0, 520, 700000)
    assert one.busy and one.memory(700000) == relay.ON
    # It opens in a moment: whoever wants it on again has to wait for the whole pause.
    assert one.start_in_ms(700000) == OFF_MS and one.start_in_ms(700000, True) == 60000
    one.follow(0, 150, 705000)
    assert one.busy  # 1.5 A: still closed
    one.follow(0, 99, 710000)
    assert not one.busy and not one.closed
    assert one.stop_in_ms(710000) == 0
    assert one.start_in_ms(710000) == OFF_MS
    assert one.memory(710000) == relay.RESTING
    one.follow(0, 25, 720000)
    assert one.start_in_ms(720000) == OFF_MS - 10000
    assert one.start_in_ms(710000 + OFF_MS - 1) == 1
    assert one.memory(710000 + OFF_MS - 1) == relay.RESTING
    assert one.start_in_ms(710000 + OFF_MS) == 0
    assert one.memory(710000 + OFF_MS) == relay.FREE


def test_the_pause_begins_anew_after_each_charge():
    one = new()
    now_ms = 2000
    for count in range(1, 4):
        one.follow(6, 600, now_ms)
        assert one.starts == count
        now_ms += 1000
        one.follow(0, 0, now_ms)
        assert one.start_in_ms(now_ms) == OFF_MS
        now_ms += OFF_MS
        assert one.start_in_ms(now_ms) == 0


def test_thresholds_of_the_draw():
    one = new()
    one.follow(0, 199, 2000)
    assert not one.closed and not one.busy
    one.follow(0, 200, 3000)
    assert one.closed
    one.follow(0, 100, 4000)
    assert one.closed
    one.follow(0, 99, 5000)
    assert not one.closed
    one.follow(0, 150, 6000)
    assert not one.closed and one.starts == 1


def test_calibration_of_an_idle_unit_is_no_charge():
    one = new()
    for now_ms in range(2000, 100000, 1000):
        one.follow(0, 25, now_ms)
    assert one.starts == 0 and one.memory(100000) == relay.FREE


def test_a_draw_that_wavers_above_one_ampere_does_not_begin_anew():
    one = new()
    one.follow(6, 520, 2000)
    for now_ms in range(3000, 60000, 1000):
        one.follow(6, 110 if now_ms % 2000 else 600, now_ms)
    assert one.starts == 1
    assert one.stop_in_ms(60000) == ON_MS - 58000


def test_a_car_that_pauses_by_itself_under_an_offer_counts_again():
    # The relay has opened and closed: its minimum on time begins anew.
    one = new()
    one.follow(6, 520, 2000)
    one.follow(6, 0, 100000)
    assert one.busy and not one.closed and one.memory(100000) == relay.ON
    assert one.stop_in_ms(100000) == ON_MS - 98000
    one.follow(6, 520, 200000)
    assert one.starts == 2
    assert one.stop_in_ms(200000) == ON_MS


def test_a_raise_does_not_begin_the_minimum_anew():
    one = new()
    one.follow(6, 520, 2000)
    for amps in (7, 32, 8, 6):
        one.follow(amps, amps * 98, 50000)
    assert one.stop_in_ms(50000) == ON_MS - 48000


def test_an_offer_that_comes_back_while_the_car_still_draws_is_no_new_start():
    one = new()
    one.follow(6, 520, 2000)
    one.follow(0, 520, 3000)
    one.follow(6, 520, 4000)
    assert one.starts == 1
    assert one.stop_in_ms(4000) == ON_MS - 2000


def test_a_unit_that_is_lost_and_found_drawing_is_on_again():
    one = new()
    one.follow(6, 520, 2000)
    one.lost(50000)
    one.lost(51000)
    assert one.memory(51000) == relay.RESTING
    assert one.start_in_ms(51000) == OFF_MS - 1000
    one.follow(6, 520, 60000)
    # Whether its relay has opened nobody knows: no start.
    assert one.life == one.today == 1
    assert one.memory(60000) == relay.ON and one.stop_in_ms(60000) == ON_MS


def test_a_unit_that_is_lost_and_found_idle_begins_its_next_draw_with_a_start():
    one = new()
    one.follow(6, 520, 2000)
    one.lost(50000)
    one.follow(0, 25, 60000)
    one.follow(6, 520, 70000)
    assert one.life == one.today == one.starts == 2
    one = new()
    one.lost(2000)
    assert one.memory(2000) == relay.FREE and one.start_in_ms(2000) == 0


def test_a_start_is_a_draw_of_2_amperes_not_an_offer():
    one = new()
    for now_ms in range(2000, 900000, 1000):
        one.follow(6, 25 if now_ms % 2000 else 199, now_ms)
    assert one.starts == one.life == one.today == 0
    one.follow(6, 200, 900000)
    assert one.starts == one.life == one.today == 1


def test_starts_for_life_and_of_the_day_outlive_a_reset():
    one = relay.Relay(ON_MS, OFF_MS, relay.FREE, 1000, 120, 4)
    assert (one.starts, one.life, one.today) == (0, 120, 4)
    one.follow(6, 520, 2000)
    assert (one.starts, one.life, one.today) == (1, 121, 5)
    # A charge that goes on is none, the next one is.
    one = relay.Relay(ON_MS, OFF_MS, relay.ON, 1000, 121, 5)
    one.lost(1000)
    one.follow(6, 520, 2000)
    assert (one.life, one.today) == (121, 5)
    one.follow(0, 0, 3000)
    one.follow(6, 520, 4000)
    assert (one.life, one.today) == (122, 6)
    # One that was on and is not any more begins anew.
    one = relay.Relay(ON_MS, OFF_MS, relay.ON, 1000, 121, 5)
    one.follow(0, 0, 2000)
    one.follow(6, 520, 3000)
    assert (one.life, one.today) == (122, 6)


def test_the_starts_of_a_day_end_with_it():
    one = relay.Relay(ON_MS, OFF_MS, None, 1000, 120, 4)
    day_ms = 86400000
    one.follow(6, 520, day_ms)
    assert one.today == 5
    one.follow(6, 520, day_ms + 1000)
    assert (one.today, one.life) == (0, 121)
    one.follow(0, 0, day_ms + 2000)
    one.follow(6, 520, day_ms + 3000)
    one.follow(0, 0, day_ms + 4000)
    one.follow(6, 520, 2 * day_ms)
    assert one.today == 2
    one.follow(6, 520, 2 * day_ms + 1000)
    assert (one.today, one.life) == (0, 123)


def test_a_person_waits_60_s_and_no_longer_than_the_times_themselves():
    one = new()
    one.follow(6, 520, 2000)
    assert one.stop_in_ms(12000, True) == 50000 and one.stop_in_ms(12000) == ON_MS - 10000
    assert one.stop_in_ms(62000, True) == 0 and one.stop_in_ms(62000) > 0
    one.follow(0, 0, 63000)
    assert one.start_in_ms(73000, True) == 50000 and one.start_in_ms(73000) == OFF_MS - 10000
    assert one.start_in_ms(123000, True) == 0 and one.start_in_ms(123000) > 0
    short = relay.Relay(5000, 5000, None, 1000)
    short.follow(6, 520, 2000)
    assert short.stop_in_ms(4000, True) == 3000
    short.follow(0, 0, 8000)
    assert short.start_in_ms(9000, True) == 4000


def test_times_of_zero_hold_nothing():
    one = relay.Relay(0, 0, relay.ON, 1000)
    assert one.start_in_ms(1000) == 0 and one.memory(1000) == relay.FREE
    one.follow(6, 520, 2000)
    assert one.stop_in_ms(2000) == 0 and one.memory(2000) == relay.ON
    one.follow(0, 0, 3000)
    assert one.start_in_ms(3000) == 0 and one.memory(3000) == relay.FREE


def test_what_is_remembered_survives_a_chain_of_resets():
    # A reset in the pause may make the pause longer, never shorter, and never forgets it.
    memory = relay.ON
    now_ms = 0
    for _ in range(5):
        one = relay.Relay(ON_MS, OFF_MS, memory, now_ms)
        one.follow(0, 0, now_ms)
        now_ms += 10000
        one.follow(0, 0, now_ms)
        memory = one.memory(now_ms)
        assert memory == relay.RESTING
        assert one.start_in_ms(now_ms) == OFF_MS - 10000


def test_times_are_right_after_months():
    late = 200 * 86400 * 1000
    one = new(None, late)
    one.follow(6, 520, late + 1000)
    assert one.stop_in_ms(late + 2000) == ON_MS - 1000
    one.follow(0, 0, late + 3000)
    assert one.start_in_ms(late + 4000) == OFF_MS - 1000
