"""What a wall connector says, as bodies without checksum. Pure."""

from simulator.wire import write_amps

LONG = 19
"""Length of the long answers of protocol 2 (meter, serial number, VIN), without checksum."""

OLD_QUESTIONS = (0xFB19, 0xFB1A, 0xFB1B)
"""Serial number, model, firmware of old units: zeros after the function, no ids."""

TOO_FAST = b"\x7c"
"""With its checksum of 00 this is the 7C 00 that was seen after too quick a sequence."""


def link_ready(own_id, sign, rating_amps, protocol):
    """FD E2: "here I am", with the current the unit is built for."""
    return _padded(b"\xfd\xe2" + own_id + bytes((sign,)) + write_amps(rating_amps), protocol)


def heartbeat(own_id, master_id, state, shown_amps, draw_amps, protocol):
    """FD E0: the answer to each heartbeat; both currents in amperes."""
    head = b"\xfd\xe0" + own_id + master_id + bytes((state,))
    return _padded(head + write_amps(shown_amps) + write_amps(draw_amps), protocol)


def contactors(own_id, function):
    """FD B1 or FD B2: the answer to the command to close or open the contactors."""
    return _filled(bytes((0xFD, function & 0xFF)) + own_id, 15)


def meter(own_id, energy, volts, phase_amps):
    """FD EB: energy as the unit counts it (kWh or Wh), three voltages, three currents."""
    body = b"\xfd\xeb" + own_id + int(energy).to_bytes(4, "big")
    for phase in volts:
        body += int(phase).to_bytes(2, "big")
    return _filled(body + bytes([int(round(amps * 2)) for amps in phase_amps]), LONG)


def firmware(own_id, version):
    """FD EC: four numbers."""
    return _filled(b"\xfd\xec" + own_id + bytes(version), 15)


def text(own_id, function, characters):
    """FD ED (serial number), FD EE, EF, F1 (parts of a VIN): ASCII, then zeros."""
    return _filled(bytes((0xFD, function & 0xFF)) + own_id + characters.encode(), LONG)


def plug_state(own_id, state):
    """FD B4: 0 unplugged, 1 charging, 3 plugged in and not charging."""
    return _filled(b"\xfd\xb4" + own_id + bytes((state,)), 15)


def old(function, value):
    """FD 19, 1A, 1B: no ids, the value right after the function, eleven bytes of it at most.

    Known from one program only: TWC.c of github.com/craigpeacock/TWC.
    """
    return _filled(bytes((0xFD, function & 0xFF)) + value[:11], 13)


def to_question(unit, function):
    """The answer of a Connector to a question addressed to it, or None: not a question."""
    own_id = bytes.fromhex(unit.id)
    car = unit.car
    if function == 0xFBEB:
        energy = unit.kwh * 1000 if unit.energy_in_wh else unit.kwh
        amps = [0, 0, 0]
        for phase in range(3):
            if unit.volts[phase] and phase < car.phases:
                amps[phase] = car.draw_amps
        return meter(own_id, energy, unit.volts, amps)
    if function == 0xFBEC:
        return firmware(own_id, unit.firmware)
    if function == 0xFBED:
        return text(own_id, function, unit.serial[:15])
    if function in (0xFBEE, 0xFBEF, 0xFBF1):
        start = {0xFBEE: 0, 0xFBEF: 7, 0xFBF1: 14}[function]
        return text(own_id, function, car.vin[start : min(start + 7, 17)] if car.plugged else "")
    if function == 0xFB1B:
        return old(function, bytes(unit.firmware[:3]))
    if function in OLD_QUESTIONS:
        return old(function, (unit.serial if function == 0xFB19 else unit.model).encode())
    if function == 0xFBB4:
        return plug_state(own_id, (1 if unit.relay_closed else 3) if car.plugged else 0)
    return None


def _padded(body, protocol):
    return _filled(body, 13 if protocol == 1 else 15)


def _filled(body, length):
    return body + bytes(length - len(body))
