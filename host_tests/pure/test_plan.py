"""Modes, boost, limits, prices and VINs: what is wished for, until when, and after a restart."""

import configuration
from charging import say_boost, say_limits, say_modes
from charging.new_plan import make
from units import Units

MINUTE = 60000
HOUR = 60 * MINUTE
VIN = "5YJ3E7EB2NF000316"
OTHER_VIN = "LRW3E7FA5LC123456"


class Energy:
    def __init__(self):
        self.session_wh = 0


class Car:
    """As much of a unit as the plan asks for."""

    def __init__(self, unit_id="2433", plugged=True):
        self.id = unit_id
        self.ready = True
        self.draw_ca = 0
        self.offer_amps = 0
        self.energy = Energy()
        self.plugged = plugged
        self.vin = None
        self.soc = None


class House:
    """A plan with its cars and a clock."""

    def __init__(self, *cars, **config):
        remembered = config.pop("remembered", {})
        running = config.pop("running", ())
        config["wires"] = {"max_amps": 32}
        checked, self.problems = configuration.check(config)
        self.said = []
        self.now_ms = 5000
        self.cars = list(cars) or [Car()]
        self.timetable = self.price = None
        self.plan = make(checked, Units(checked), remembered, self.tell, self.now_ms)
        for car in self.cars:
            self.plan.add(car.id, car.id in running)
        self.follow()

    def tell(self, level, sentence):
        assert level == "info"
        self.said.append(sentence)

    def follow(self, ms=0):
        self.now_ms += ms
        self.plan.follow(self.cars, self.now_ms, self.timetable, self.price)

    def choose(self, mode, amps=None, seconds=None, then=None):
        say_modes.choose(self.plan, mode, amps, seconds, then, self.now_ms)
        self.follow()

    def boost(self, seconds=None, wh=None, unplugged=False):
        say_boost.boost(self.plan, seconds, wh, unplugged, self.now_ms)
        self.follow()

    def order(self, unit_id="2433"):
        return self.plan.order(unit_id)[:4]

    def limit_words(self, unit_id="2433"):
        return self.plan.order(unit_id)[4]

    def mode(self, unit_id="2433"):
        return self.plan.order(unit_id)[0]

    def restart(self, *cars, **config):
        """The same house after a power cut."""
        config["remembered"] = self.plan.memory(self.now_ms)
        return House(*cars, **config)


# Modes.


def test_a_new_board_goes_by_its_configuration():
    assert House().order() == ("solar", None, "mode Solar", False)
    for mode, words in (("off", "Off"), ("minimum", "Solar + minimum")):
        house = House(plan={"mode": mode})
        assert house.order() == (mode, None, "mode " + words, False)
        assert house.plan.wishes[0][0] == 10
        assert house.plan.memory(house.now_ms) == {}


def test_modes_for_all_days_hold_for_ever():
    house = House()
    for mode in ("minimum", "off", "solar"):
        house.choose(mode)
        house.follow(20 * 24 * HOUR)
        assert house.mode() == mode
    assert house.said == ["Mode Solar + minimum.", "Mode Off.", "Mode Solar."]


def test_solar_and_minimum_give_way_to_the_timetable_but_off_and_fast_do_not():
    house = House()
    house.timetable = ("fast", None, "timetable: fast until 06:00", HOUR)
    house.follow()
    assert house.order() == ("fast", None, "timetable: fast until 06:00", False)
    for mode, in_force in (
        ("solar", "fast"),
        ("minimum", "fast"),
        ("off", "off"),
    ):
        house.choose(mode)
        assert house.mode() == in_force, mode
    house.timetable = ("manual", 10, "timetable: 10 A until 06:00", HOUR)
    house.choose("solar")
    assert house.order()[:3] == ("manual", 10, "timetable: 10 A until 06:00")
    house.choose("fast")
    assert house.order()[:3] == ("fast", None, "mode Fast")
    # What nobody chose but the configuration does not stand against it.
    house = House(plan={"mode": "off"})
    house.timetable = ("fast", None, "timetable: fast until 06:00", HOUR)
    house.follow()
    assert house.mode() == "fast"


def test_a_mode_for_a_time_is_followed_by_what_was_before():
    house = House()
    house.choose("minimum")
    house.choose("off", seconds=3600)
    assert house.order()[2] == "mode Off, 60 min more"
    house.follow(HOUR - 1)
    assert house.mode() == "off"
    house.follow(1)
    assert house.mode() == "minimum"
    assert house.said[-1] == "Mode Off ended, Solar + minimum."
    house.choose("off", seconds=60, then="solar")
    house.follow(MINUTE)
    assert house.mode() == "solar"


def test_a_mode_for_a_time_on_top_of_another_goes_back_to_the_first():
    house = House()
    house.choose("minimum")
    house.choose("off", seconds=3600)
    house.choose("fast", seconds=60)
    house.follow(MINUTE)
    assert house.mode() == "minimum"


def test_fast_ends_when_all_cars_are_unplugged():
    left, right = Car("2433"), Car("5850")
    house = House(left, right)
    house.choose("fast")
    house.follow(24 * HOUR)
    assert house.mode() == "fast"
    left.plugged = False
    house.follow(1000)
    assert house.mode() == "fast"
    right.plugged = None  # not known is not unplugged
    house.follow(HOUR)
    assert house.mode() == "fast"
    right.plugged = False
    house.follow(1000)
    assert house.mode() == "solar"
    assert house.said[-1] == "Mode Fast ended, Solar."


def test_fast_that_is_chosen_before_the_car_comes_waits_for_it():
    car = Car(plugged=False)
    house = House(car)
    house.choose("fast")
    house.follow(HOUR)
    assert house.mode() == "fast"
    car.plugged = True
    house.follow(1000)
    car.plugged = False
    house.follow(1000)
    assert house.mode() == "solar"


def test_a_unit_that_is_gone_does_not_keep_fast_on():
    left, right = Car("2433"), Car("5850", plugged=None)
    house = House(left, right)
    house.choose("fast")
    right.ready = False
    left.plugged = False
    house.follow(1000)
    assert house.mode() == "solar"


def test_fast_by_configuration_stays_when_a_car_leaves():
    car = Car()
    house = House(car, plan={"mode": "fast"})
    car.plugged = False
    house.follow(1000)
    car.plugged = True
    house.follow(1000)
    assert house.order() == ("fast", None, "mode Fast", False)


def test_manual_that_is_not_renewed_falls():
    for then, config in (("solar", {}), ("minimum", {"manual_then": "minimum"})):
        house = House(plan=config)
        house.choose("off")
        house.choose("manual", 16)
        assert house.order()[:3] == ("manual", 16, "mode Manual, 16 A, 5 min more")
        for amps in (16, 10, 6, 0):
            house.follow(299000)
            house.choose("manual", amps)
            assert house.order()[:2] == ("manual", amps)
        house.follow(299999)
        assert house.mode() == "manual"
        house.follow(1)
        assert house.order()[:2] == (then, None)
    house = House(plan={"manual_s": 0})
    house.choose("manual", 16)
    house.follow(24 * HOUR)
    assert house.order()[:3] == ("manual", 16, "mode Manual, 16 A")


def test_manual_can_say_itself_how_long_and_what_then():
    house = House()
    house.choose("manual", 16, seconds=20, then="off")
    house.choose("manual", 16, seconds=20)
    house.follow(20000)
    assert house.mode() == "off"


def test_a_mode_said_again_is_only_renewed():
    house = House()
    house.choose("minimum")
    house.choose("fast", seconds=60)
    house.follow(50000)
    house.choose("fast", seconds=60)
    house.follow(50000)
    assert house.mode() == "fast"
    house.follow(10000)
    assert house.mode() == "minimum"
    assert house.said == [
        "Mode Solar + minimum.",
        "Mode Fast.",
        "Mode Fast ended, Solar + minimum.",
    ]


# What is urgent.


def test_a_persons_word_is_urgent_until_it_has_its_effect():
    car = Car()
    house = House(car)
    house.choose("fast")
    assert house.order()[3] is True
    car.offer_amps = 6
    house.follow(1000)
    assert house.order()[3] is False
    # The grid guard stops it: that it starts again is nobody's urgent wish, said again or not.
    car.offer_amps = 0
    house.follow(1000)
    house.choose("fast")
    assert house.order()[3] is False
    car.offer_amps, car.draw_ca = 16, 1580
    house.choose("off")
    assert house.order()[3] is True
    car.offer_amps = 0
    house.follow(1000)
    assert house.order()[3] is True  # it draws on
    car.draw_ca = 30
    house.follow(1000)
    assert house.order()[3] is False


def test_what_has_no_effect_for_ten_minutes_is_not_urgent():
    house = House()
    house.choose("fast")
    house.follow(599999)
    assert house.order()[3] is True
    house.follow(1)
    assert house.order()[3] is False


def test_sun_and_amperes_are_never_urgent():
    car = Car()
    house = House(car)
    for mode in ("minimum", "solar"):
        house.choose("fast")
        house.choose(mode)
        assert house.order()[3] is False
    house.choose("manual", 16)
    assert house.order()[3] is True
    car.offer_amps = 16
    house.follow(1000)
    # A machine that goes up and down has to keep to the relay's times.
    for amps in (0, 16, 6, 0):
        house.choose("manual", amps)
        assert house.order()[3] is False
        car.offer_amps = amps
        house.follow(1000)


# Boost.


def test_a_boost_for_a_time():
    house = House()
    for base, after in (("solar", "solar"), ("off", "off")):
        house.choose(base)
        house.boost(seconds=7200)
        assert house.order() == ("fast", None, "boost, 120 min more", True)
        house.follow(2 * HOUR - 1)
        assert house.mode() == "fast"
        house.follow(1)
        assert house.mode() == after
        assert house.said[-2:] == ["Boost.", "Boost ended."]


def test_a_boost_for_an_energy_counts_what_all_cars_take():
    left, right = Car("2433"), Car("5850")
    left.energy.session_wh = 12000  # from before
    house = House(left, right)
    house.boost(wh=8000)
    assert house.order()[2] == "boost, 0.0 of 8.0 kWh"
    left.energy.session_wh = 15200
    house.follow(1000)
    assert house.order()[2] == "boost, 3.2 of 8.0 kWh"
    right.energy.session_wh = 2000
    house.follow(1000)
    # A new session of the same unit begins at 0.
    left.energy.session_wh = 1500
    house.follow(1000)
    assert house.order()[2] == "boost, 6.7 of 8.0 kWh"
    right.energy.session_wh = 3299
    house.follow(1000)
    assert house.mode() == "fast"
    right.energy.session_wh = 3300
    house.follow(1000)
    assert house.mode() == "solar"


def test_a_boost_until_unplugged():
    car = Car(plugged=False)
    house = House(car)
    house.boost(unplugged=True)
    assert house.order()[2] == "boost until unplugged"
    house.follow(1000)
    car.plugged = True
    house.follow(HOUR)
    assert house.mode() == "fast"
    car.plugged = False
    house.follow(1000)
    assert house.mode() == "solar"
    # The others do not end so.
    car.plugged = True
    house.follow(1000)
    house.boost(seconds=7200)
    house.follow(1000)
    car.plugged = False
    house.follow(1000)
    assert house.mode() == "fast"


def test_the_first_end_of_a_boost_counts():
    car = Car()
    house = House(car)
    house.boost(seconds=3600, wh=8000)
    assert house.order()[2] == "boost, 0.0 of 8.0 kWh, 60 min more"
    house.follow(HOUR)
    assert house.mode() == "solar"
    house.boost(seconds=3600, wh=8000)
    car.energy.session_wh = 8000
    house.follow(1000)
    assert house.mode() == "solar"


def test_a_boost_said_again_lasts_longer_but_gets_no_more_energy():
    car = Car()
    house = House(car)
    house.boost(wh=8000)
    car.energy.session_wh = 5000
    house.follow(1000)
    house.boost(wh=8000)
    assert house.order()[2] == "boost, 5.0 of 8.0 kWh"
    house.boost(wh=9000)
    assert house.order()[2] == "boost, 0.0 of 9.0 kWh"
    house.boost(seconds=600)
    house.follow(5 * MINUTE)
    house.boost(seconds=600)
    assert house.order()[2] == "boost, 10 min more"
    assert house.said == ["Boost."] * 3


def test_a_boost_is_ended_by_hand_or_by_another_mode():
    house = House()
    house.boost(seconds=600)
    house.boost()
    assert house.mode() == "solar" and house.said == ["Boost.", "Boost ended."]
    house.boost()
    assert house.said == ["Boost.", "Boost ended."]
    for mode in ("off", "minimum", "fast"):
        house.boost(seconds=600)
        house.choose(mode)
        assert house.mode() == mode and house.order()[2] == "mode " + house.said[-1][5:-1]
    # The mode that is there already leaves it, but for Off.
    house.choose("solar")
    house.boost(seconds=600)
    house.choose("solar")
    assert house.mode() == "fast"
    house.choose("off")
    house.boost(seconds=600)
    house.choose("off")
    assert house.order()[:3] == ("off", None, "mode Off")


# Limits.


def test_the_remote_limit():
    house = House()
    house.choose("manual", 16)
    say_limits.limit(house.plan, "", 10, None, house.now_ms)
    house.follow()
    assert house.plan.limit_amps == 10
    assert house.order()[:3] == ("manual", 10, "mode Manual, 16 A, 5 min more")
    assert house.limit_words() == "remote limit of 10 A for all"
    say_limits.limit(house.plan, "", 20, 600, house.now_ms)
    house.follow()
    # The smaller one is what was chosen.
    assert house.order()[:3] == ("manual", 16, "mode Manual, 16 A, 5 min more")
    assert house.limit_words() == ""
    house.boost(seconds=3600)
    assert house.order()[:3] == ("fast", 20, "boost, 60 min more")
    assert house.limit_words() == "remote limit of 20 A for all, 10 min more"
    house.follow(10 * MINUTE)
    assert house.plan.limit_amps is None and house.order()[1] is None
    say_limits.limit(house.plan, "", 0, 600, house.now_ms)
    house.follow()
    assert house.order()[1] == 0
    say_limits.limit(house.plan, "", None, None, house.now_ms)
    house.follow()
    assert house.order()[1] is None


def test_the_energy_limit_of_a_session():
    car = Car()
    house = House(car, Car("5850"), units={"2433": {"energy_limit_kwh": 20}})
    house.boost(seconds=36000)
    car.energy.session_wh = 19999
    house.follow(1000)
    assert house.mode() == "fast"
    car.energy.session_wh = 20000
    house.follow(1000)
    assert house.order() == ("off", None, "energy limit: 20.0 of 20.0 kWh", False)
    assert house.mode("5850") == "fast"
    # A person asks for more: as much again.
    say_limits.ask(house.plan, "2433")
    assert house.plan.asked == "2433"
    house.follow(1000)
    assert house.mode() == "fast"
    car.energy.session_wh = 40100
    house.follow(1000)
    assert house.order()[2] == "energy limit: 20.1 of 20.0 kWh"
    # The next car.
    car.plugged = False
    house.follow(1000)
    assert house.mode() == "fast"
    car.plugged, car.energy.session_wh = True, 0
    house.follow(1000)
    assert house.mode() == "fast"
    car.energy.session_wh = 20000
    house.follow(1000)
    assert house.mode() == "off"


def test_more_energy_was_asked_for_this_session_only():
    car = Car(plugged=None)  # so only its counter tells that there is a new one
    house = House(car, units={"2433": {"energy_limit_kwh": 20}})
    car.energy.session_wh = 20000
    house.follow(1000)
    say_limits.ask(house.plan, "")
    for wh, mode in (
        (20000, "solar"),
        (39999, "solar"),
        (40000, "off"),
        (0, "solar"),
        (19999, "solar"),
        (20000, "off"),
    ):
        car.energy.session_wh = wh
        house.follow(1000)
        assert house.mode() == mode, wh


def test_a_limit_for_this_session():
    car = Car()
    house = House(car, Car("5850"))
    say_limits.charge_limit(house.plan, "2433", 5000, None)
    car.energy.session_wh = 5000
    house.follow(1000)
    assert house.order()[2] == "energy limit: 5.0 of 5.0 kWh" and house.mode("5850") == "solar"
    say_limits.charge_limit(house.plan, "2433", None, None)
    house.follow(1000)
    assert house.mode() == "solar"
    say_limits.charge_limit(house.plan, "", 5000, None)
    house.follow(1000)
    assert house.mode() == "off"
    car.plugged = False
    house.follow(1000)
    car.plugged = True
    house.follow(1000)
    assert house.mode() == "solar"


def test_the_state_of_charge():
    car = Car()
    house = House(car)
    say_limits.charge_limit(house.plan, "2433", None, 80)
    house.follow()
    assert house.mode() == "solar"
    assert house.plan.wishes[-1][3:6] == (
        None,
        None,
        "charge limit: 80 %, but no state of charge is known",
    )
    for soc, mode in ((79.5, "solar"), (80, "off"), (78, "off"), (77, "off"), (76.5, "solar")):
        car.soc = soc
        house.follow(1000)
        assert house.mode() == mode, soc
    car.soc = 81
    house.follow(1000)
    assert house.order()[2] == "charge limit: 81 % of 80 %"
    car.soc = None
    house.follow(1000)
    assert house.order()[2] == "charge limit: 80 %, reached"
    car.plugged = False
    house.follow(1000)
    assert house.mode() == "solar"


# Prices.

PRICES = {"import": None, "feed_in": None, "fast_below": 0.1, "solar_above": 0.3}


def priced(price, **more):
    house = House(**more)
    checked = configuration.check({"wires": {"max_amps": 32}})[0]
    checked["price"] = PRICES
    checked["plan"]["mode"] = more.get("plan", {}).get("mode", "solar")
    house.plan = make(checked, Units(checked), {}, house.tell, house.now_ms)
    house.plan.add("2433", False)
    house.price = price
    house.follow()
    return house


def test_a_low_price_charges_at_once():
    for price, mode in ((0.08, "fast"), (-0.02, "fast"), (0.1, "solar"), (0.2, "solar")):
        assert priced(price).mode() == mode, price
    assert priced(0.08).order() == ("fast", None, "price 0.08, below 0.1", False)
    # A price that is not known is none.
    house = priced(0.08)
    house.price = None
    house.follow(1000)
    assert house.order() == ("solar", None, "mode Solar", False)


def test_a_high_price_leaves_the_sun_alone():
    for price, sun_only in ((0.29, False), (0.3, False), (0.31, True), (None, False)):
        house = priced(price)
        assert house.plan.sun_only is sun_only
    house = priced(0.31, plan={"mode": "minimum"})
    assert house.order() == ("solar", None, "price 0.31, above 0.3", False)
    house.timetable = ("fast", None, "timetable: fast until 06:00", HOUR)
    house.follow()
    assert house.mode() == "solar"
    # A person pays what it costs.
    house.choose("fast")
    assert house.mode() == "fast"


def test_no_price_turns_on_what_is_off():
    for price in (0.08, 0.31):
        house = priced(price)
        house.choose("off")
        assert house.mode() == "off"
        house = priced(price)
        house.timetable = ("off", None, "timetable: off until 06:00", HOUR)
        house.follow()
        assert house.order()[:3] == ("off", None, "timetable: off until 06:00"), price
        assert priced(price, plan={"mode": "off"}).mode() == "off"


# VINs.


def test_vins():
    no_vin = "car not known (no VIN)"
    denied = f"car not allowed: VIN {VIN} is denied"
    unlisted = f"car not allowed: VIN {VIN} is not on the list"
    for vins, vin, words in (
        ({}, VIN, None),
        ({}, None, None),
        ({"deny": [VIN]}, VIN, denied),
        ({"deny": [VIN]}, OTHER_VIN, None),
        ({"deny": [VIN]}, None, None),
        ({"deny": [VIN]}, "", None),
        ({"deny": [VIN], "unknown": "deny"}, None, no_vin),
        ({"allow": [OTHER_VIN]}, VIN, unlisted),
        ({"allow": [VIN]}, VIN, None),
        ({"allow": [VIN]}, None, None),
        ({"allow": [VIN], "unknown": "deny"}, None, no_vin),
        ({"allow": [VIN], "unknown": "deny"}, "", no_vin),
        ({"allow": [VIN], "deny": [VIN]}, VIN, denied),
        ({"unknown": "deny"}, None, no_vin),
        ({"unknown": "deny"}, VIN, None),
    ):
        car = Car()
        car.vin = vin
        house = House(car, Car("5850"), vins=vins)
        house.boost(seconds=3600)
        mode, _, said, urgent = house.order()
        assert (mode, said) == (("off", words) if words else ("fast", "boost, 60 min more")), vins
        assert urgent is (words is None)
        # Where no car is, none is refused; but the next one has to tell who it is first.
        car.plugged = False
        house.follow(1000)
        known = vins.get("unknown") == "deny"
        assert house.mode() == ("off" if known else "fast"), vins
        assert not known or house.order()[2] == "no car is plugged in"


def test_a_refused_car_is_nothing_to_the_other_unit():
    car = Car()
    car.vin = VIN
    house = House(car, Car("5850"), vins={"deny": [VIN]})
    house.boost(seconds=3600)
    assert house.mode() == "off" and house.mode("5850") == "fast"


# After a restart.


def test_everything_that_was_chosen_is_remembered():
    house = House()
    assert house.plan.memory(house.now_ms) == {}
    for mode in ("minimum", "off", "solar"):
        house.choose(mode)
        assert house.restart().mode() == mode
    house.choose("minimum")
    house.choose("off", seconds=3600)
    assert house.plan.memory(house.now_ms) == {"mode": "off", "then": "minimum", "left_s": 3600}
    again = house.restart()
    assert again.order() == ("off", None, "mode Off, 60 min more", False)
    again.follow(HOUR)
    assert again.mode() == "minimum"


def test_what_is_left_is_remembered_in_steps():
    house = House()
    house.choose("off", seconds=3600)
    told = []
    for _ in range(3600):
        memory = house.plan.memory(house.now_ms)
        if not told or told[-1] != memory:
            told.append(memory)
        house.follow(1000)
    assert [memory.get("left_s") for memory in told] == [3600, 2700, 1800, 900]


def test_what_was_charging_goes_on_and_nothing_else():
    held = (
        "mode Fast, but no car is started by it after a restart: choose it again, or plug the car "
        "in anew"
    )
    house = House()
    house.choose("fast")
    house = house.restart(Car("2433"), Car("5850"), running=("2433",))
    house.follow(HOUR)
    assert house.order("2433") == ("fast", None, "mode Fast", False)
    assert house.order("5850") == ("off", None, held, False)
    house.choose("fast")
    assert house.mode("5850") == "fast"


def test_a_unit_that_is_held_back_is_started_by_timetable_and_sun():
    house = House()
    house.choose("fast")
    house = house.restart()
    assert house.mode() == "off"
    house.timetable = ("manual", 10, "timetable: 10 A until 06:00", HOUR)
    house.follow()
    assert house.order()[:3] == ("manual", 10, "timetable: 10 A until 06:00")
    house = House()
    house.boost(seconds=3600)
    house = house.restart()
    assert house.order() == ("solar", None, "mode Solar", False)


def test_a_car_that_is_plugged_in_anew_or_draws_ends_the_hold():
    for how in ("plugged", "draws", "asked"):
        car = Car()
        house = House(car)
        house.choose("fast")
        house = house.restart(car)
        assert house.mode() == "off"
        if how == "plugged":
            for plugged in (None, True, None):
                car.plugged = plugged
                house.follow(1000)
                assert house.mode() == "off"
            # Fast ends with a car that leaves; one that was not there yet it waits for.
            car.plugged = None
            house = house.restart(car)
            for plugged in (None, False, None):
                car.plugged = plugged
                house.follow(1000)
                assert house.mode() == "off"
            car.plugged = True
        elif how == "draws":
            car.draw_ca = 99
            house.follow(1000)
            assert house.mode() == "off"
            car.draw_ca = 100
        else:
            say_limits.ask(house.plan, "")
            assert house.plan.asked is True
        house.follow(1000)
        assert house.mode() == "fast", how


def test_a_unit_that_turns_up_after_a_person_has_spoken_is_not_held():
    house = House()
    house.choose("fast")
    house = house.restart(Car("2433"))
    house.choose("fast")
    house.cars.append(Car("5850"))
    house.follow(1000)
    assert house.mode("5850") == "fast"


def test_fast_by_configuration_starts_nothing_by_itself():
    car = Car()
    house = House(car, plan={"mode": "fast"})
    assert house.mode() == "off"
    car.plugged = False
    house.follow(1000)
    car.plugged = True
    house.follow(1000)
    assert house.mode() == "fast"


def test_a_boost_is_remembered():
    car = Car()
    house = House(car)
    house.boost(seconds=7200, wh=8000)
    car.energy.session_wh = 3200
    house.follow(20 * MINUTE)
    assert house.plan.memory(house.now_ms) == {"boost": [6300, 5000, False]}
    house = house.restart(car, running=("2433",))
    assert house.order()[2] == "boost, 0.0 of 5.0 kWh, 105 min more"
    house = House(car)
    house.boost(unplugged=True)
    assert house.plan.memory(house.now_ms) == {"boost": [None, None, True]}
    house = house.restart(car, running=("2433",))
    assert house.order()[2] == "boost until unplugged"
    car.plugged = False
    house.follow(1000)
    assert house.mode() == "solar"


def test_limits_are_remembered():
    car = Car()
    house = House(car)
    say_limits.limit(house.plan, "", 10, 900, house.now_ms)
    say_limits.charge_limit(house.plan, "2433", 5000, 80)
    house.follow()
    memory = house.plan.memory(house.now_ms)
    assert memory == {"limit": [10, 900], "limits": {"2433": [5000, 80]}}
    house = House(car, remembered=memory)
    assert house.plan.memory(house.now_ms) == memory
    car.energy.session_wh = 5000
    house.follow(1000)
    assert house.order()[:3] == (
        "off",
        10,
        "energy limit: 5.0 of 5.0 kWh",
    )
    house.follow(900000)
    assert house.plan.limit_amps is None


def test_amperes_are_remembered_when_they_fall_or_have_stood():
    house = House()
    told = []

    def remember():
        amps = house.plan.memory(house.now_ms)["amps"]
        if not told or told[-1] != amps:
            told.append(amps)

    house.choose("manual", 16)
    remember()
    # Every half minute something else, all day: hardly anything to write.
    for step in range(2880):
        house.follow(30000)
        house.choose("manual", 10 + step % 7)
        remember()
    assert told == [16, 10]
    house.choose("manual", 20)
    for _ in range(19):
        house.follow(30000)
        house.choose("manual", 20)
        remember()
    assert told == [16, 10]
    house.follow(30000)
    remember()
    assert told == [16, 10, 20]
    again = house.restart(Car(), running=("2433",))
    assert again.order()[:3] == ("manual", 20, "mode Manual, 20 A, 5 min more")


def test_before_anything_is_known_nothing_is_ordered():
    house = House()
    checked = configuration.check(None)[0]
    plan = make(checked, Units(checked), {}, house.tell, 0)
    assert plan.order("2433") == ("off", None, "starting", False, "")
