"""What is said of single units, whether charging is allowed, and the switch of the timetable."""

from test_plan import HOUR, MINUTE, Car, House

from charging import say_limits, say_modes

SWITCHED_OFF = "charging is not allowed (switched off)"
OVER = "charging is not allowed (its permission is over)"


def allow(house, allowed, seconds=None, unit_id=""):
    say_limits.allow(house.plan, unit_id, allowed, seconds, house.now_ms)
    house.follow()


def limit(house, amps, unit_id="2433"):
    say_limits.limit(house.plan, unit_id, amps, None, house.now_ms)
    house.follow()


def two(**config):
    return House(Car("2433"), Car("5850"), **config)


# Whether charging is allowed.


def test_a_person_switches_charging_off_and_on():
    house = two()
    house.boost(seconds=36000)
    assert house.plan.allowed is True and house.plan.own("2433") == (True, None)
    allow(house, False)
    assert house.plan.allowed is False
    for unit_id in ("2433", "5850"):
        assert house.order(unit_id)[:3] == ("off", None, SWITCHED_OFF)
        assert house.plan.own(unit_id) == (True, None)
    wish = house.plan.wishes[-1]
    assert wish == (45, "not allowed", None, "off", None, SWITCHED_OFF, None)
    house.follow(9 * HOUR)
    assert house.mode() == "off"
    allow(house, True)
    assert house.plan.allowed is True and house.mode() == "fast"
    assert house.said == ["Boost.", "Charging is not allowed.", "Charging is allowed."]


def test_one_unit_is_switched_off():
    house = two()
    house.choose("fast")
    allow(house, False, unit_id="5850")
    assert house.plan.allowed is True
    assert house.plan.own("5850") == (False, None) and house.plan.own("2433") == (True, None)
    assert house.order("5850")[:3] == ("off", None, SWITCHED_OFF) and house.mode() == "fast"
    # Both have to allow it.
    allow(house, False)
    allow(house, True, unit_id="5850")
    assert house.mode("5850") == house.mode() == "off"
    allow(house, True)
    assert house.mode("5850") == house.mode() == "fast"
    assert house.said[1:3] == ["5850: charging is not allowed.", "Charging is not allowed."]


def test_neither_price_nor_timetable_nor_boost_goes_before_it_but_limits_do():
    car = Car()
    house = House(car, units={"2433": {"energy_limit_kwh": 5}})
    allow(house, False)
    house.timetable = ("fast", None, "timetable: fast until 06:00", HOUR)
    house.boost(seconds=3600)
    assert house.order()[:3] == ("off", None, SWITCHED_OFF)
    car.energy.session_wh = 5000
    house.follow(1000)
    assert house.order()[2] == "energy limit: 5.0 of 5.0 kWh"


def test_a_persons_off_is_urgent_until_it_has_its_effect():
    left, right = Car("2433"), Car("5850")
    house = House(left, right)
    house.choose("fast")
    for car in (left, right):
        car.offer_amps, car.draw_ca = 16, 1580
    house.follow(1000)
    assert not house.order()[3]
    allow(house, False, unit_id="2433")
    assert house.order() == ("off", None, SWITCHED_OFF, True)
    assert house.order("5850")[3] is False
    # Said again it is no new hurry: ten minutes are over, and a minute later it is as before.
    house.follow(10 * MINUTE)
    assert house.order()[3] is False
    allow(house, False, unit_id="2433")
    assert house.order()[3] is False
    allow(house, False)
    assert house.order("5850")[3] is True
    right.offer_amps = right.draw_ca = 0
    house.follow(1000)
    assert house.order("5850")[3] is False
    # That it is allowed again is for the mode, and no hurry either.
    allow(house, True)
    assert house.order("5850") == ("fast", None, "mode Fast", False)


def test_a_machines_permission_has_to_be_renewed():
    house = House()
    house.choose("fast")
    allow(house, True, 120)
    for _ in range(5):
        house.follow(119000)
        assert house.plan.allowed is True and house.mode() == "fast"
        allow(house, True, 120)
    house.follow(119999)
    assert house.mode() == "fast"
    car = house.cars[0]
    car.offer_amps, car.draw_ca = 16, 1580
    house.follow(1)
    assert house.plan.allowed is False
    # By itself: the relay's times hold.
    assert house.order() == ("off", None, OVER, False)
    assert house.plan.wishes[-1] == (44, "not allowed", None, "off", None, OVER, None)
    house.follow(HOUR)
    allow(house, True, 120)
    assert house.mode() == "fast" and house.plan.allowed is True
    # Nothing is told of what is said again.
    assert house.said == ["Mode Fast.", "Charging is allowed."]


def test_a_machine_takes_its_permission_back_without_a_hurry():
    house = House()
    house.choose("fast")
    house.cars[0].offer_amps = 16
    house.follow(1000)
    allow(house, True, 120, "2433")
    allow(house, False, 120, "2433")
    assert house.order() == ("off", None, OVER, False)
    house.follow(HOUR)
    assert house.mode() == "off"
    # A person's word goes before, and then has no end.
    allow(house, True, None, "2433")
    house.follow(HOUR)
    assert house.mode() == "fast"
    allow(house, False, None, "2433")
    assert house.order() == ("off", None, SWITCHED_OFF, True)
    allow(house, True, 120, "2433")
    assert house.mode() == "fast"
    house.follow(2 * MINUTE)
    assert house.mode() == "off"
    # A person may hurry what a machine has begun.
    allow(house, False, None, "2433")
    assert house.order() == ("off", None, SWITCHED_OFF, True)


def test_what_is_allowed_is_remembered_but_no_permission_that_ends():
    house = two()
    assert house.plan.memory(house.now_ms) == {}
    allow(house, True)
    assert house.plan.memory(house.now_ms) == {}
    allow(house, False)
    allow(house, False, unit_id="5850")
    again = house.restart(Car("2433"), Car("5850"))
    assert again.plan.allowed is False and again.plan.own("5850")[0] is False
    assert again.order()[:3] == ("off", None, SWITCHED_OFF)
    assert again.order()[3] is False
    allow(house, True)
    allow(house, True, 3600, "5850")
    memory = house.plan.memory(house.now_ms)
    assert memory == {"own": {"5850": [None, None, None]}}
    # Renewing it writes nothing.
    house.follow(1000)
    allow(house, True, 3600, "5850")
    assert house.plan.memory(house.now_ms) == memory
    again = house.restart(Car("2433"), Car("5850"))
    assert again.order("5850")[:3] == ("off", None, OVER) and again.mode() == "solar"
    assert again.plan.own("5850")[0] is False and again.plan.allowed is True
    allow(again, True, 60, "5850")
    assert again.mode("5850") == "solar"
    # For all.
    allow(house, True, None, "5850")
    allow(house, True, 3600)
    again = house.restart(Car("2433"), Car("5850"))
    assert again.plan.allowed is False and again.mode() == again.mode("5850") == "off"


def test_who_allows_it_after_a_restart_means_a_start():
    for seconds in (None, 60):
        house = two()
        house.choose("fast")
        again = house.restart(Car("2433"), Car("5850"))
        assert again.mode() == again.mode("5850") == "off"
        allow(again, False, seconds, "5850")
        allow(again, True, seconds, "5850")
        assert again.mode() == "off" and again.order("5850")[:3] == ("fast", None, "mode Fast")


# Limits and priorities of single units.


def test_the_limit_of_one_unit():
    house = two()
    house.choose("fast")
    limit(house, 10)
    assert house.order() == ("fast", 10, "mode Fast", True)
    assert house.limit_words() == "remote limit of 10 A"
    assert house.order("5850")[1] is None and house.limit_words("5850") == ""
    assert house.plan.own("2433") == (True, 10)
    assert house.plan.wishes[-1] == (
        40, "remote limit", "2433", None, 10, "remote limit of 10 A", None,
    )  # fmt: skip
    # Beside the one of all the smaller one counts.
    limit(house, 8, "")
    assert house.order()[1] == 8 and house.limit_words("5850") == "remote limit of 8 A for all"
    limit(house, 0)
    assert house.order()[1] == 0 and house.plan.own("2433") == (True, 0)
    limit(house, None)
    assert house.order()[1] == 8 and house.plan.own("2433") == (True, None)


def test_a_limit_is_remembered_when_it_falls_or_has_stood():
    house = House()
    told = []

    def remember():
        own = house.plan.memory(house.now_ms).get("own")
        amps = own and own["2433"][1]
        if not told or told[-1] != amps:
            told.append(amps)

    limit(house, 16)
    remember()
    # Every half minute something else, all day: hardly anything to write.
    for step in range(2880):
        house.follow(30000)
        limit(house, 10 + step % 7)
        remember()
    assert told == [16, 10]
    limit(house, 20)
    for _ in range(19):
        house.follow(30000)
        limit(house, 20)
        remember()
    assert told == [16, 10]
    house.follow(30000)
    remember()
    assert told == [16, 10, 20]
    again = house.restart()
    assert again.order()[1] == 20 and again.plan.memory(0) == house.plan.memory(house.now_ms)
    limit(house, 6)
    remember()
    limit(house, None)
    remember()
    assert told == [16, 10, 20, 6, None] and house.plan.memory(house.now_ms) == {}


def test_priorities():
    house = two()
    assert house.plan.said is None
    say_limits.prefer(house.plan, "5850", 9)
    assert house.plan.said.priority("5850") == 9 and house.plan.said.priority("2433") is None
    assert house.plan.memory(house.now_ms) == {"own": {"5850": [True, None, 9]}}
    again = house.restart(Car("2433"), Car("5850"))
    assert again.plan.said.priority("5850") == 9
    say_limits.prefer(again.plan, "5850", None)
    assert again.plan.said.priority("5850") is None and again.plan.memory(0) == {}


# The timetable.

WINDOW = {"from": "22:00", "to": "06:00", "mode": "fast"}
ZONE = {"zone": "CET-1CEST,M3.5.0,M10.5.0/3"}


def test_the_timetable_is_switched_off_and_on():
    assert House().plan.timetable_on is None
    house = House(timetable=[WINDOW], clock=ZONE)
    assert house.problems == [] and house.plan.timetable_on is True
    house.timetable = ("fast", None, "timetable: fast until 06:00", HOUR)
    house.follow()
    assert house.mode() == "fast"
    say_limits.timetable(house.plan, False)
    say_limits.timetable(house.plan, False)
    house.follow()
    assert house.order()[:3] == ("solar", None, "mode Solar")
    assert not any([wish[1] == "timetable" for wish in house.plan.wishes])
    assert house.plan.memory(house.now_ms) == {"timetable": False}
    again = house.restart(timetable=[WINDOW], clock=ZONE)
    assert again.plan.timetable_on is False
    # Where there is none any more there is nothing to switch, and nothing to remember.
    assert house.restart().plan.timetable_on is None
    assert house.restart().plan.memory(0) == {}
    say_limits.timetable(house.plan, True)
    house.follow()
    assert house.mode() == "fast" and house.plan.memory(house.now_ms) == {}
    assert house.said == ["Timetable off.", "Timetable on."]


# Manual.


def test_the_amperes_of_manual_are_kept_for_the_next_time():
    house = House()
    house.choose("manual", 16)
    house.choose("solar")
    assert house.plan.amps == 16
    assert house.order()[:2] == ("solar", None)
    again = house.restart()
    assert again.plan.amps == 16
    house.choose("manual", 10)
    house.follow(5 * MINUTE)
    assert house.mode() == "solar" and house.plan.amps == 10
    assert house.plan.memory(house.now_ms) == {"mode": "solar", "then": "solar", "amps": 10}
    # It is said as of now, whatever was before.
    say_modes.choose(house.plan, "manual", 20, None, None, house.now_ms)
    assert house.plan.memory(house.now_ms)["amps"] == 20
