"""firmware/boards.txt: each board can be used as it stands, and gives way to config.json."""

import configuration
import configured_boards
from configured_boards import ethernet, fill, hold, profile
from configured_table import sections

HERE = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
FILE = HERE + "/../../firmware/boards.txt"
KEYS = ("uart", "tx", "rx", "driver_enable", "stop_pin")

# What GPIO numbers of an ESP32 can't be used for: the flash's, and those of the prompt.
TAKEN = (1, 3, 6, 7, 8, 9, 10, 11)
# Of a LAN8720's data, which can't be moved (MicroPython's and Espressif's documents of RMII).
RMII = (19, 21, 22, 25, 26, 27)


def lines():
    """The fields of each board, read in another way."""
    with open(FILE) as file:
        return [line.rstrip("\n").split("|") for line in file if line[0] != "#"]


def checked(board):
    """(what counts of "board", the sentences)."""
    config, problems = configuration.check({"wires": {"max_amps": 16}, "board": board})
    return config["board"], problems


def test_the_settings_know_the_same_boards():
    choices = [row for row in dict(sections())["board"] if row[1] == "profile"][0][4]
    assert choices.split(" ") == [fields[0] for fields in lines()] + ["free"]


def test_each_board_is_taken_as_the_table_has_it():
    for fields in lines():
        assert profile(fields[0]) == fields
        board, problems = checked({"profile": fields[0]})
        assert problems == [], (fields[0], problems)
        for place in range(len(KEYS)):
            said = fields[1 + place]
            assert board[KEYS[place]] == (None if said == "null" else int(said)), fields[0]


def test_no_pin_of_a_board_has_two_jobs():
    for fields in lines():
        name = fields[0]
        used = [int(pin) for pin in fields[2:6] if pin != "null"]
        used += [pin for pin, _ in hold(name)]
        lan = ethernet(name)
        if lan:
            mdc, mdio, power, clock, driven, address = lan
            used += [mdc, mdio, clock] + ([power] if power is not None else [])
            used += RMII
            assert clock in ((0, 16, 17) if driven else (0,)) and 0 <= address < 32
            # Espressif: power of the clock's oscillator, or the ESP32's own.
            assert fields[5] == "null"
        assert len(set(used)) == len(used), (name, used)
        assert not [pin for pin in used if pin in TAKEN or not 0 <= pin <= 39], name
        assert len(fields) == 10 and fields[8] and fields[1] == "2"
        for source in fields[9].split(" "):
            assert source.startswith("https://"), name


def test_what_some_boards_need():
    assert hold("lilygo-t-can485") == [(16, 1), (17, 1), (19, 1)]
    assert hold("olimex-esp32-evb") == [(17, 0)]
    assert hold("generic") == hold("free") == hold("auto") == []
    assert ethernet("olimex-esp32-poe") == (23, 18, 12, 17, True, 0)
    assert ethernet("olimex-esp32-evb") == (23, 18, None, 0, False, 0)
    assert ethernet("wt32-eth01") == (23, 18, 16, 0, False, 1)
    assert ethernet("generic") is None and ethernet("lilygo-t-can485") is None
    assert profile("free") is None and profile("no such") is None
    # A name that another one begins with, and one that stands further on in a line.
    assert profile("m5-atom") is None and profile("2") is None


def test_what_is_written_wins():
    board, problems = checked({"profile": "lilygo-t-can485", "tx": 25, "driver_enable": 4})
    assert problems == []
    assert (board["tx"], board["rx"], board["driver_enable"]) == (25, 21, 4)
    board, problems = checked({"profile": "generic", "driver_enable": None})
    assert board["driver_enable"] is None and board["tx"] == 17 and problems == []
    # Also where it says the same as the generic board.
    board, _ = checked({"profile": "wt32-eth01", "rx": 16, "stop_pin": 0})
    assert (board["rx"], board["stop_pin"], board["driver_enable"]) == (16, 0, 33)
    board, problems = checked({"profile": "free", "tx": 25})
    assert (board["tx"], board["rx"], board["driver_enable"]) == (25, 16, 4) and problems == []


def test_a_board_that_nobody_knows_is_the_generic_one():
    board, problems = checked({"profile": "lilygo"})
    assert board["profile"] == "generic" and board["tx"] == 17
    assert len(problems) == 1
    assert problems[0].startswith('config.json: board.profile is "lilygo": write one of "generic"')


def test_a_pin_that_is_held_has_no_other_job():
    _, problems = checked({"profile": "lilygo-t-can485", "driver_enable": 17})
    assert problems == [
        "config.json: board.driver_enable and board.profile are both 17: give each its own pin."
    ]


def test_bad_pins_are_not_used():
    for bad in (6, 7, 8, 9, 10, 11):
        for name, tx, rx in (("generic", 17, 16), ("lilygo-t-can485", 22, 21), ("free", 17, 16)):
            for key, instead in (
                ("tx", tx),
                ("rx", rx),
                ("driver_enable", None),
                ("stop_pin", None),
            ):
                board, problems = checked({"profile": name, key: bad})
                assert board[key] == instead, (name, key)
                assert len(problems) == 1 and f"board.{key} is {bad}: pins 6 to" in problems[0]
    for bad in (34, 39):
        for key in ("tx", "driver_enable", "stop_pin"):
            board, problems = checked({"profile": "olimex-esp32-poe", key: bad})
            assert board[key] == {"tx": 4}.get(key)
            assert len(problems) == 1 and "34 to 39 can neither send" in problems[0]
    # It can hear with them.
    board, problems = checked({"profile": "olimex-esp32-poe"})
    assert board["rx"] == 36 and problems == []


def test_a_section_that_is_none_leaves_the_generic_board():
    for given in ([], "generic", 17, None):
        board, problems = checked(given)
        assert (board["profile"], board["tx"], board["rx"]) == ("generic", 17, 16)
        assert len(problems) == 1


def test_fill_reads_nothing_for_the_generic_board():
    board = {"profile": "generic", "tx": 1}
    fill(board, {})
    assert board == {"profile": "generic", "tx": 1}


def test_a_table_that_is_not_there_does_not_keep_the_board_from_starting():
    file = configured_boards.__dict__["_FILE"]
    for wrong in (file + ".gone", FILE.replace("boards.txt", "values.txt")):
        configured_boards._FILE = wrong
        try:
            board, problems = checked({"profile": "wt32-eth01", "rx": 5})
        finally:
            configured_boards._FILE = file
        assert (board["tx"], board["rx"], board["driver_enable"]) == (17, 5, 4)
        assert problems == [
            "firmware/boards.txt does not have wt32-eth01: deploy the firmware again; using the "
            "pins of the generic board until you do."
        ]
