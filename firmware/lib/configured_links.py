"""What "mqtt" and "board" of config.json need: the right broker for TLS, and pins that can do what
they are for. Used by configured_together.py and by what takes changes from the page, and dropped
with them."""

from micropython import const

from written import shown

# Pins of an ESP32: 6 to 11 belong to its flash, 34 to 39 can't send.
_FLASH_PINS = (6, 7, 8, 9, 10, 11)
_LAST_OUTPUT = const(33)

_TLS_PORT = const(8883)


def check_tls(mqtt, given, problems, advise):
    """A password never goes to a broker that has not been checked: then there is none, and
    `mqtt`, the values of the section, is changed. `given`: what the file says there;
    `advise(sentence)`: for what is no mistake."""
    if not isinstance(given, dict):
        return
    if (mqtt["ca"] or mqtt["pin"]) and not mqtt["tls"]:
        which = "ca" if mqtt["ca"] else "pin"
        if "tls" in given:
            advise(
                f"config.json: mqtt.{which} does nothing, since mqtt.tls is false: everybody on "
                "the network can read what is said to the broker, its password too."
            )
            return
        mqtt["tls"] = True
        advise(f'config.json: mqtt.{which} is for TLS, which is used now: write "tls": true, too.')
    if not mqtt["tls"]:
        return
    if "port" not in given:
        mqtt["port"] = _TLS_PORT
    pin = mqtt["pin"].replace(":", "").replace(" ", "").lower()
    if not mqtt["ca"] and not pin:
        mqtt["host"] = ""
        problems.append(
            "config.json: mqtt.tls is true, but nothing says which broker is the right one: not "
            'connected. Write mqtt.ca, the file of the CA\'s certificate ("ca.der"), or mqtt.pin, '
            "the SHA-256 of the broker's."
        )
    elif pin and (len(pin) != 64 or pin.strip("0123456789abcdef")):
        mqtt["host"] = ""
        problems.append(
            f"config.json: mqtt.pin is {shown(mqtt['pin'])}: not connected. Write the SHA-256 of "
            "the broker's certificate, 64 hex digits."
        )
        pin = ""
    mqtt["pin"] = pin


def check_pins(board, given, problems):
    """Puts the profile's pins into `board`, the values of the section, and tells those that can't
    do what they are for: what the profile says, or null, stands in their place, since touching
    the flash's ends in a crash at each start. `given`: what the file says there."""
    from configured_boards import fill, hold

    given = given if isinstance(given, dict) else {}
    if not fill(board, given):
        problems.append(
            f"firmware/boards.txt does not have {board['profile']}: deploy the firmware again; "
            "using the pins of the generic board until you do."
        )
    taken = {}
    for pin, _ in hold(board["profile"]):
        taken[pin] = "profile"
    for name in ("tx", "rx", "driver_enable", "stop_pin"):
        pin = board[name]
        if pin is None:
            continue
        if pin in _FLASH_PINS:
            problems.append(f"config.json: board.{name} is {pin}: pins 6 to 11 are the flash's.")
            _refuse(board, name)
        elif pin > _LAST_OUTPUT and name != "rx":
            problems.append(
                f"config.json: board.{name} is {pin}: pins 34 to 39 can neither send nor pull "
                "up; take one from 0 to 33."
            )
            _refuse(board, name)
        elif pin in taken:
            problems.append(
                f"config.json: board.{name} and board.{taken[pin]} are both {pin}: "
                "give each its own pin."
            )
        taken[pin] = name


def _refuse(board, name):
    """Without a pin that can do it: what the profile says, and for the driver and the stop pin
    none. The driver's stays off then, and nothing is sent; that is less, and it is told."""
    if name in ("driver_enable", "stop_pin"):
        board[name] = None
        return
    board[name] = 17 if name == "tx" else 16
    from configured_boards import fill

    fill(board, [key for key in board if key != name])
