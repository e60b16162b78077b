"""Whole amperes among the cars that charge."""

from charging.share import share


class Car:
    """As much of a unit as share() asks for."""

    def __init__(self, minimum=6, maximum=32, watts_per_amp=240, takes_more=True, priority=5):
        self.minimum_amps = minimum
        self.maximum_amps = maximum
        self.watts_per_amp = watts_per_amp
        self.takes_more = takes_more
        self.priority = priority
        self.amps = 99


def shared(cars, watts, wires=1000):
    share(cars, watts, wires)
    return [car.amps for car in cars]


def test_no_car_is_no_problem():
    share([], 5000, 32)


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
        share(cars, watts, wires)
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
