"""What "wifi" and "ethernet" of config.json need beyond their rows: more networks, an address that
fits its network, and pins for the LAN8720 that nothing else has.

Used by configured_together.py, and only where something of it is configured, and by what takes
changes from the page; dropped with them.
"""

from micropython import const

from written import is_number, shown

_MOST_NETWORKS = const(4)

_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

# What the ESP32's Ethernet (RMII) always takes: transmit 19, 21, 22, receive 25, 26, 27. Source:
# ESP32 Technical Reference Manual, "IO MUX": the EMAC's pins but for the clock are fixed.
_RMII_PINS = (19, 21, 22, 25, 26, 27)

# Pins of an ESP32 that the LAN8720 can't be at: those of the flash, and those that can't send.
_FLASH_PINS = (6, 7, 8, 9, 10, 11)


def check_wifi(wifi, given, problems, advise):
    """Changes `wifi`, the values of the section: "networks" becomes a tuple of (ssid, password),
    the first of them "ssid" where that is empty; an address that does not fit its network
    becomes "": then the router gives one. `given`: what the file says there; `advise(sentence)`:
    for what is no mistake."""
    given = given if isinstance(given, dict) else {}
    name = wifi["hostname"]
    if not 1 <= len(name) <= 32 or not _is_hostname(name):
        wifi["hostname"] = "twc-bridge"
        problems.append(
            f"config.json: wifi.hostname is {shown(name)}: write letters, digits, - and _ (not at "
            "its ends), at most 32; using twc-bridge until you do."
        )
    wifi["networks"] = _networks(wifi, problems)
    if wifi["networks"] and not wifi["ssid"]:
        wifi["ssid"], wifi["password"] = wifi["networks"][0]
        wifi["networks"] = wifi["networks"][1:]
    if wifi["address"]:
        why = _static(wifi)
        if why:
            problems.append(f"config.json: {why}; the router gives an address until you do.")
            wifi["address"] = ""
        elif not wifi["dns"]:
            wifi["dns"] = wifi["gateway"]
            if not wifi["dns"]:
                wifi["gateway"] = wifi["dns"] = "0.0.0.0"
                advise(
                    "config.json: wifi.address stands there without wifi.gateway: names are not "
                    "found, and no time server outside. Write the router's address."
                )
        elif not wifi["gateway"]:
            wifi["gateway"] = "0.0.0.0"
    else:
        for key in ("gateway", "mask", "dns"):
            if given.get(key):
                advise(f"config.json: wifi.{key} does nothing without wifi.address.")


def _is_hostname(name):
    # RFC 1123, section 2.1, and the underscore, which routers take as well.
    data = name.encode()
    return all([byte in _LETTERS for byte in data]) and name.strip("-_") == name


def _networks(wifi, problems):
    found = []
    given = wifi["networks"] or ()
    for number in range(len(given)):
        path = f"config.json: wifi.networks, network {number + 1}: "
        if number == _MOST_NETWORKS:
            problems.append(
                f"config.json: wifi.networks has {len(given)} networks: only the first "
                f"{_MOST_NETWORKS} are used."
            )
            break
        one = given[number]
        why = _network_problem(one)
        if not why and one["ssid"] in [wifi["ssid"]] + [known[0] for known in found]:
            why = f"{shown(one['ssid'])} stands there twice: take one away"
        if why:
            problems.append(f"{path}{why}; it is not used until you do.")
        else:
            found.append((one["ssid"], one.get("password", "")))
    return tuple(found)


def _network_problem(one):
    """The middle of a sentence on what is wrong with a network, or None. What should be a
    password is never shown."""
    if not isinstance(one, dict) or not isinstance(one.get("ssid"), str):
        return 'write an object, { "ssid": "garage", "password": "…" }'
    for key in sorted(one):
        if key not in ("ssid", "password"):
            return f"{shown(key)} is unknown: write ssid and password"
    if not 1 <= len(one["ssid"].encode()) <= 32:
        return "ssid: write the name of the network, 1 to 32 bytes of text"
    password = one.get("password", "")
    # IEEE 802.11i: a passphrase, or 64 hex digits for the key itself.
    if not isinstance(password, str) or len(password) not in (0,) + tuple(range(8, 65)):
        return f'password of {shown(one["ssid"])}: write 8 to 64 characters, or "" for none'
    return None


def keep_passwords(networks, said):
    """Puts into `networks`, as asked for on the page, the passwords that are to stay as they are:
    where there is none, or true. `said`: the section "wifi" that there is."""
    said = said if isinstance(said, dict) else {}
    known = said.get("networks")
    known = list(known) if isinstance(known, list) else []
    known.append(said)
    for one in networks if isinstance(networks, list) else ():
        if not isinstance(one, dict) or one.get("password", True) is not True:
            continue
        one.pop("password", None)
        for other in known:
            if isinstance(other, dict) and one.get("ssid") == other.get("ssid") is not None:
                if isinstance(other.get("password"), str):
                    one["password"] = other["password"]
                break


def number_of(text):
    """An IPv4 address as a number of 32 bits, or None if the text is none."""
    parts = text.split(".")
    if len(parts) != 4:
        return None
    number = 0
    for part in parts:
        if not part or len(part) > 3 or part.strip("0123456789") or int(part) > 255:
            return None
        number = number << 8 | int(part)
    return number


def _static(wifi):
    """What is wrong with the fixed address, a sentence without its end, or None."""
    numbers = []
    for key in ("address", "mask", "gateway", "dns"):
        number = number_of(wifi[key])
        if number is None and (wifi[key] or key == "mask"):
            example = "255.255.255.0" if key == "mask" else "192.168.1.50"
            return f"wifi.{key} is {shown(wifi[key])}: write four numbers such as {example}"
        numbers.append(number)
    address, mask, gateway, _ = numbers
    rest = mask ^ 0xFFFFFFFF
    # Ones, then zeros; the last two widths have no room for a router.
    if rest & (rest + 1) or rest < 3 or not mask:
        return f"wifi.mask is {wifi['mask']}: write one such as 255.255.255.0"
    if address & rest in (0, rest) or not 0 < address >> 24 < 224 or address >> 24 == 127:
        return f"wifi.address is {wifi['address']}, which no device can have: choose another"
    if gateway is None:
        return None
    if (gateway ^ address) & mask:
        return (
            f"wifi.gateway is {wifi['gateway']}, which is not in the network of wifi.address "
            f"{wifi['address']} (wifi.mask {wifi['mask']}): mend one of them"
        )
    if gateway == address:
        return f"wifi.gateway and wifi.address are both {wifi['address']}: one is the router's"
    return None


def check_ethernet(ethernet, board, given, problems):
    """Puts the pins of the board's profile into `ethernet`, the values of the section, where the
    file says none; without pins that nothing else has, "use" becomes false: the bus comes first.
    `board`: the values of that section, as configured_links.check_pins leaves them. Takes the
    stop pin from `board` where the clock of Ethernet is on it."""
    if not ethernet["use"]:
        return
    import configured_boards

    given = given if isinstance(given, dict) else {}
    pins = configured_boards.ethernet(board["profile"])
    if pins:
        mdc, mdio, power, clock, out, address = pins
        clock = f"{clock}={'out' if out else 'in'}"
        for key, value in (
            ("mdc", mdc),
            ("mdio", mdio),
            ("power", power),
            ("clock", clock),
            ("phy", address),
        ):
            if key not in given:
                ethernet[key] = value
    why = _clash(ethernet, board, configured_boards.hold(board["profile"]))
    if why:
        ethernet["use"] = False
        problems.append(f"config.json: {why}; Ethernet is not used until you do.")
    elif board["stop_pin"] == clock_pin(ethernet):
        board["stop_pin"] = None
        # On the profiles with Ethernet it is null already.
        problems.append(
            f"config.json: board.stop_pin is {clock_pin(ethernet)}, the pin of ethernet.clock: "
            "there is no stop pin. Write null."
        )


def clock_pin(ethernet):
    """The number of the pin of the 50 MHz clock."""
    return int(ethernet["clock"].split("=")[0])


def _clash(ethernet, board, held):
    taken = {pin: "Ethernet's own data" for pin in _RMII_PINS}
    for key in ("clock", "mdc", "mdio", "power", "reset"):
        pin = clock_pin(ethernet) if key == "clock" else ethernet[key]
        if not is_number(pin):
            continue
        if pin in _FLASH_PINS or pin > 33:
            return f"ethernet.{key} is {pin}: choose a pin from 0 to 33 but 6 to 11"
        if pin in taken:
            return f"ethernet.{key} is {pin}, which is {taken[pin]}: give each its own pin"
        taken[pin] = "ethernet." + key
    pins = [("board." + key, board[key]) for key in ("tx", "rx", "driver_enable", "stop_pin")]
    for name, pin in pins + [("the profile's power of the transceiver", one[0]) for one in held]:
        if pin in taken and (name != "board.stop_pin" or taken[pin] != "ethernet.clock"):
            return f"{name} is {pin}, which is {taken[pin]}: move one of them to another pin"
    return None
