"""Whole amperes among the cars that charge, and the room on each phase."""

from charging.share import by_sun_of, free_amps, share, take, taken


class Car:
    """As much of a unit as share() asks for."""

    def __init__(
        self, minimum=6, maximum=32, watts_per_amp=240, takes_more=True, priority=5, **more
    ):
        self.minimum_amps = minimum
        self.maximum_amps = maximum
        self.watts_per_amp = watts_per_amp
        self.takes_more = takes_more
        self.priority = priority
        self.amps = 99
        self.mode = more.get("mode", "solar")
        self.phases = more.get("phases", 7)
        self.wants = more.get("wants")
        self.takes_amps = more.get("takes_amps")
        self.limit_amps = more.get("limit", 99)
        self.draw_ca = more.get("draw_ca", 0)

    def most_amps(self):
        return min(self.maximum_amps, self.limit_amps)

    def is_off(self):
        return self.mode == "off"

    def needs_watts(self):
        return self.minimum_amps * self.watts_per_amp

    def draw_watts(self):
        return self.draw_ca * self.watts_per_amp / 100

    def keeps_watts(self):
        return self.draw_watts()


def shared(cars, watts, wires=1000, round_up=1):
    share(cars, watts, wires if isinstance(wires, list) else [wires] * 3, round_up)
    return [car.amps for car in cars]


def test_no_car_is_no_problem():
    assert share([], 5000, [32] * 3) == [32] * 3


def test_one_car_gets_what_there_is_rounded_down():
    for watts, amps in (
        (1440, 6),
        (1679, 6),
        (1680, 7),
        (3000, 12),
        (3119.9, 12),
        (3120, 13),
        (7680, 32),
        (99999, 32),
        (-5000, 6),
        (0, 6),
    ):
        assert shared([Car()], watts) == [amps], watts


def test_three_phases_need_three_times_the_watts():
    assert shared([Car(watts_per_amp=690)], 5000) == [7]
    assert shared([Car(watts_per_amp=690)], 5520) == [8]


def test_volts_that_are_no_whole_number():
    assert shared([Car(watts_per_amp=230.5)], 2304.9) == [9]
    assert shared([Car(watts_per_amp=230.5)], 2305) == [10]


def test_equal_cars_get_equal_amperes():
    assert shared([Car(), Car()], 16 * 240) == [8, 8]
    assert shared([Car(), Car(), Car()], 30 * 240) == [10, 10, 10]


def test_the_one_over_goes_to_the_first():
    assert shared([Car(), Car()], 17 * 240) == [9, 8]
    assert shared([Car(), Car(), Car()], 31 * 240) == [11, 10, 10]
    assert shared([Car(), Car(), Car()], 32 * 240) == [11, 11, 10]
    assert shared([Car(), Car(), Car()], 19 * 240) == [7, 6, 6]


def test_a_car_at_its_maximum_leaves_the_rest_to_the_others():
    assert shared([Car(maximum=8), Car()], 20 * 240) == [8, 12]
    assert shared([Car(maximum=8), Car(maximum=9)], 99 * 240) == [8, 9]


def test_a_car_that_draws_none_stays_at_its_minimum():
    assert shared([Car(takes_more=False), Car()], 20 * 240) == [6, 14]
    assert shared([Car(takes_more=False)], 20 * 240) == [6]


def test_minimums_stay_when_there_is_less():
    assert shared([Car(minimum=8), Car()], 100) == [8, 6]
    assert shared([Car(minimum=8), Car()], -100) == [8, 6]


def test_higher_minimums_are_reached_by_the_others_first():
    assert shared([Car(minimum=10), Car()], 18 * 240) == [10, 8]
    assert shared([Car(minimum=10), Car()], 22 * 240) == [11, 11]


def test_the_wires_limit_all_together():
    assert shared([Car(), Car()], 99999, 20) == [10, 10]
    assert shared([Car(), Car()], 99999, 21) == [11, 10]
    assert shared([Car(), Car()], 99999, 12) == [6, 6]
    assert shared([Car()], 99999, 6) == [6]


def test_cars_of_one_and_three_phases():
    # 720 + 240 W for each ampere of both.
    assert shared([Car(watts_per_amp=720), Car()], 960 * 7) == [7, 7]
    # 500 W over are too little for three phases; the other takes them.
    assert shared([Car(watts_per_amp=720), Car()], 960 * 7 + 500) == [7, 9]


def first(maximum=32, **more):
    return Car(maximum=maximum, priority=6, **more)


def test_the_higher_priority_has_all_that_is_above_the_minimums():
    assert shared([first(), Car()], 20 * 240) == [14, 6]
    assert shared([Car(), first()], 20 * 240) == [6, 14]
    assert shared([Car(priority=1), first(), Car(priority=9)], 30 * 240) == [6, 6, 18]


def test_what_the_higher_priority_can_not_take_goes_to_the_next():
    assert shared([first(10), Car()], 20 * 240) == [10, 10]
    assert shared([first(takes_more=False), Car()], 20 * 240) == [6, 14]
    assert shared([Car(priority=1), first(10), Car()], 40 * 240) == [6, 10, 24]
    assert shared([Car(priority=1), first(10), Car(maximum=12)], 40 * 240) == [18, 10, 12]


def test_equal_priorities_share_equally():
    assert shared([first(), first(), Car()], 31 * 240) == [13, 12, 6]
    assert shared([Car(), first(8), Car()], 31 * 240) == [12, 8, 11]
    assert shared([Car(priority=2), Car(priority=2)], 17 * 240) == [9, 8]


def test_minimums_stay_whatever_the_priority():
    assert shared([first(), Car(minimum=8)], 100) == [6, 8]
    assert shared([first(), Car()], 99999, 14) == [8, 6]


def test_watts_that_are_too_few_for_the_higher_priority():
    # 500 W are less than an ampere of three phases.
    assert shared([first(watts_per_amp=720), Car()], 960 * 6 + 500) == [6, 8]
    assert shared([first(watts_per_amp=720), Car()], 960 * 6 + 720 + 500) == [7, 8]


def test_nothing_given_is_promised_twice():
    # The statement of the function, for many mixtures.
    state = 5

    def pick(count):
        nonlocal state
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        return (state >> 16) % count

    for _ in range(1500):
        cars = []
        for _ in range(1 + pick(3)):
            least = 5 + pick(6)
            cars.append(
                Car(
                    least,
                    least + pick(30),
                    (230, 240, 460, 690, 720, 120.5)[pick(6)],
                    pick(4) > 0,
                    4 + pick(3),
                )
            )
        minimums = sum([car.minimum_amps for car in cars])
        wires = minimums + pick(60)
        watts = pick(30000) - 2000 + pick(10) / 10
        share(cars, watts, [wires] * 3)
        used = sum([car.amps * car.watts_per_amp for car in cars])
        needed = sum([car.minimum_amps * car.watts_per_amp for car in cars])
        amps = sum([car.amps for car in cars])
        assert amps <= wires
        assert used <= max(watts, needed) + 1e-6
        for car in cars:
            assert isinstance(car.amps, int)
            assert car.minimum_amps <= car.amps <= car.maximum_amps
            assert car.takes_more or car.amps == car.minimum_amps
            if car.takes_more and car.amps < car.maximum_amps and amps < wires:
                assert watts - used < car.watts_per_amp, "an ampere was left lying"
        for one in cars:
            for other in cars:
                # No car was raised above one that could have had that ampere.
                could = other.takes_more and other.amps < other.maximum_amps and amps < wires
                if could and one.watts_per_amp >= other.watts_per_amp:
                    if one.priority == other.priority:
                        assert one.amps <= max(one.minimum_amps, other.amps + 1)
                    elif one.priority < other.priority:
                        assert one.amps == one.minimum_amps


def test_the_same_input_gives_the_same_shares():
    # Else limits would go to and fro each second.
    cars = [Car(), Car(), Car()]
    first = shared(cars, 31 * 240)
    for _ in range(5):
        assert shared(cars, 31 * 240) == first


def test_a_part_of_the_last_ampere_may_be_enough():
    for part, watts, amps in (
        (0.7, 1607, 6),
        (0.7, 1608, 7),
        (0.5, 1559, 6),
        (0.5, 1560, 7),
        (0.5, 1799, 7),
        (0.5, 1800, 8),
    ):
        assert shared([Car()], watts, 1000, part) == [amps], (part, watts)
    # Once only, not for each car.
    assert shared([Car(), Car()], 12 * 240 + 168, 1000, 0.7) == [7, 6]


def test_those_that_are_ordered_get_all_whatever_the_sun_does():
    assert shared([Car(mode="fast")], -500) == [32]
    assert shared([Car(mode="manual", limit=11)], 9000) == [11]
    assert shared([Car(), Car(mode="fast", maximum=16)], 20 * 240) == [6, 16]
    assert shared([Car(), Car(mode="fast", maximum=16)], 26 * 240) == [10, 16]
    # Also before a higher priority that waits for the sun.
    assert shared([first(), Car(mode="fast")], 9000, 20) == [6, 14]
    # Solar + minimum goes with the sun.
    assert shared([Car(mode="minimum")], 3000) == [12]
    assert shared([Car(mode="minimum")], 0) == [6]


def test_a_limit_of_one_is_no_limit_of_the_others():
    assert shared([Car(limit=8), Car()], 20 * 240) == [8, 12]


def test_one_that_is_to_stop_does_not_rise():
    assert shared([Car(mode="off"), Car()], 20 * 240) == [6, 14]


def test_the_minimum_of_one_that_does_not_want_is_not_counted():
    idle = Car(mode="minimum", wants=False, takes_more=False)
    assert shared([idle, Car()], 20 * 240) == [6, 20]
    idle.wants = None
    assert shared([idle, Car()], 20 * 240) == [6, 14]


def test_what_a_car_does_not_take_is_left_to_others_if_there_are_any():
    assert shared([Car(takes_amps=8), Car()], 30 * 240) == [8, 22]
    assert shared([Car(takes_amps=8)], 30 * 240) == [30]
    assert shared([Car(mode="fast", takes_amps=8), Car(mode="fast")], 0, 30) == [8, 22]


def test_each_phase_has_room_of_its_own():
    one, two = Car(phases=1, mode="fast"), Car(phases=2, mode="fast")
    assert shared([one, two], 0, [20, 9, 0]) == [20, 9]
    three = Car(phases=7, mode="fast", watts_per_amp=720)
    assert shared([three, one], 0, [30, 12, 20]) == [12, 18]
    # In watts of all together.
    assert shared([one, two], 0, [32, 32, 32, 5000]) == [10, 10]


def test_what_is_left_of_the_room():
    cars = [Car(phases=1), Car(phases=7, maximum=8)]
    assert share(cars, 15 * 240, [20, 20, 20]) == [5, 13, 13]
    assert share(cars, 15 * 240, [20, 20, 20, 9000])[3] == 9000 - 15 * 240


def test_free_and_taken_room():
    room = [20, 9, 32, 5000]
    assert free_amps(room, Car(phases=1)) == 20
    assert free_amps(room, Car(phases=2)) == 9
    assert free_amps(room, Car(phases=4)) == 20  # 5000 W
    assert free_amps(room, Car(phases=7, watts_per_amp=720)) == 6
    take(room, Car(phases=5), 6)
    assert room == [14, 9, 26, 3560]
    room = [14, 9, 26]
    take(room, Car(phases=2), 6)
    assert room == [14, 3, 26]


def test_what_others_take_of_the_surplus_before_a_unit():
    fast = Car(mode="fast", draw_ca=1000)
    low = Car(mode="minimum")
    sun, late = Car(), Car()
    off = Car()
    off.amps = 0
    ready = [fast, sun, off, late, low]
    assert taken(sun, ready) == 2400 + 1440
    assert taken(late, ready) == 2400 + 1440 + 1440
    assert taken(off, ready) == 2400 + 3 * 1440  # it comes after all that run
    assert taken(low, ready) == 2400 + 2 * 1440
    low.wants = False
    assert taken(sun, ready) == 2400
    assert by_sun_of(ready) == [sun, late]
