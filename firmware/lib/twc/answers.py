"""What units say about themselves, and what other masters ask them: bodies -> fields.

Not needed to charge a car, so not imported by what runs once a second.
Source: "Who says what" and "Meter, FD EB" of the protocol notes.
"""

from twc import message

_LONG = 19  # body length of the long answers of protocol 2

_VIN_ANSWERS = {0xFDEE: 1, 0xFDEF: 2, 0xFDF1: 3}
_VIN_REQUESTS = {0xFBEE: 1, 0xFBEF: 2, 0xFBF1: 3}
_TYPES = {
    0xFDEB: "meter",
    0xFDEC: "firmware",
    0xFDED: "serial",
    0xFDB4: "plug_state",
    0xFDB1: "contactors_closed",
    0xFDB2: "contactors_opened",
    0xFC1D: "idle",
}
_QUESTIONS = {
    0xFBEB: "meter_request",
    0xFBEC: "firmware_request",
    0xFBED: "serial_request",
    0xFBB4: "plug_state_request",
    0xFCB1: "close_contactors",
    0xFCB2: "open_contactors",
}


def decode(body):
    """The fields of any body known (bytes without checksum) as a dictionary with at least
    "type", {"type": "unknown"} for any other; never an exception, whatever the bytes.

    Beside those of message.decode: "meter" with "energy_raw", "volts" and "phase_ca" (three
    each, V and 0.01 A), "firmware" with "version", "serial" and "vin" with "text" (and "part",
    1 to 3), "plug_state" with "plug", and the questions with "receiver".
    """
    fields = message.decode(body)
    if fields is not None:
        return fields
    if len(body) < 12:
        return {"type": "unknown"}
    code = message.function(body)
    if code in _VIN_REQUESTS or code in _QUESTIONS:
        return _question(code, body)
    if code == 0xFC1D:
        return {"type": "idle"}
    fields = {"type": _TYPES.get(code, "unknown"), "sender": message.id_text(body, 2)}
    if code in _VIN_ANSWERS:
        fields["type"] = "vin"
        fields["part"] = _VIN_ANSWERS[code]
        fields["text"] = _ascii(body, 4, 11)
    elif code == 0xFDEC:
        fields["version"] = ".".join([str(byte) for byte in body[4:8]])
    elif code == 0xFDB4:
        fields["plug"] = body[4]
    elif code == 0xFDED:
        fields["text"] = _ascii(body, 4, _LONG)
    elif code == 0xFDEB:
        if len(body) != _LONG:
            return {"type": "unknown"}
        fields["energy_raw"] = _u16(body, 4) << 16 | _u16(body, 6)
        fields["volts"] = [_u16(body, 8), _u16(body, 10), _u16(body, 12)]
        # On the wire in steps of half an ampere.
        fields["phase_ca"] = [body[14] * 50, body[15] * 50, body[16] * 50]
    return fields


def _question(code, body):
    fields = {
        "type": _QUESTIONS.get(code, "vin_request"),
        "sender": message.id_text(body, 2),
        "receiver": message.id_text(body, 4),
    }
    if code in _VIN_REQUESTS:
        fields["part"] = _VIN_REQUESTS[code]
    return fields


def _u16(body, at):
    return body[at] << 8 | body[at + 1]


def _ascii(body, start, end):
    """Text up to the first 00; bytes that are no printable ASCII become "?"."""
    text = ""
    for byte in body[start:end]:
        if byte == 0:
            break
        text += chr(byte) if 32 <= byte < 127 else "?"
    return text
