"""What units say about themselves, and what other masters ask them: bodies -> fields.

Not needed to charge a car, so not imported by what runs once a second.
Source: "Who says what" and "Meter, FD EB" of the protocol notes. The answers of old units (FD 19,
1A, 1B) are known from one source, TWC.c of github.com/craigpeacock/TWC (structs STRING and
FIRMWARE): no ids, the value begins right after the function; serial and model are eleven
characters without an ending zero, the firmware is three numbers. No capture of them exists.
The owners who read the memory of such a unit found a serial of just eleven characters there, the
last four of which are its id (page 14 of the thread "Wall Connector load sharing protocol" on
teslamotorsclub.com).
"""

from twc import message

_LONG = 19  # body length of the long answers of protocol 2

# By the second byte: FB is the question, FD the answer.
_NAMES = {
    0xEB: "meter",
    0xEC: "firmware",
    0xED: "serial",
    0xEE: "vin",
    0xEF: "vin",
    0xF1: "vin",
    0xB4: "plug_state",
    0x19: "serial",
    0x1A: "model",
    0x1B: "firmware",
}
_OTHERS = {
    0xFDB1: "contactors_closed",
    0xFDB2: "contactors_opened",
    0xFCB1: "close_contactors",
    0xFCB2: "open_contactors",
}


def decode(body):
    """The fields of any body known (bytes without checksum) as a dictionary with at least
    "type", {"type": "unknown"} for any other; never an exception, whatever the bytes.

    Beside those of message.decode: "meter" with "energy_raw", "volts" and "phase_ca" (three
    each, V and 0.01 A), "firmware" with "version" ("4.5.3.2", of old units "4.5.3"), "serial",
    "model" and "vin" with "text" (and "part", 1 to 3), "plug_state" with "plug", and the
    questions, "meter_request" and so on. They have "sender" and questions "receiver" too, but
    not what old units ask and answer (serial, model, firmware).
    """
    fields = message.decode(body)
    if fields is not None:
        return fields
    fields = {"type": "unknown"}
    if len(body) < 12:
        return fields
    kind = body[1]
    name = _NAMES.get(kind)
    if body[0] == 0xFC and kind == 0x1D:
        fields["type"] = "idle"
    elif name is None or body[0] != 0xFB and body[0] != 0xFD:
        fields["type"] = _OTHERS.get(message.function(body), "unknown")
        fields["sender"] = message.id_text(body, 2)
        if body[0] == 0xFC and fields["type"] != "unknown":
            fields["receiver"] = message.id_text(body, 4)
    else:
        old = kind < 0x20
        asked = body[0] == 0xFB
        if name == "vin":
            fields["part"] = kind - 0xED if kind < 0xF0 else 3
        if not old:
            fields["sender"] = message.id_text(body, 2)
            if asked:
                fields["receiver"] = message.id_text(body, 4)
        fields["type"] = name + "_request" if asked else name
        if not asked and not _value(fields, name, body, 2 if old else 4):
            return {"type": "unknown"}
    return fields


def _value(fields, name, body, at):
    """Adds what an answer says, from offset `at` on; False: it can't be such an answer."""
    if name == "meter":
        if len(body) != _LONG:
            return False
        fields["energy_raw"] = _u16(body, 4) << 16 | _u16(body, 6)
        fields["volts"] = [_u16(body, 8), _u16(body, 10), _u16(body, 12)]
        # On the wire in steps of half an ampere.
        fields["phase_ca"] = [body[14] * 50, body[15] * 50, body[16] * 50]
    elif name == "firmware":
        fields["version"] = ".".join([str(byte) for byte in body[at : 5 if at == 2 else 8]])
    elif name == "plug_state":
        fields["plug"] = body[4]
    else:
        fields["text"] = _ascii(body[at : 11 if name == "vin" else _LONG])
    return True


def _u16(body, at):
    return body[at] << 8 | body[at + 1]


def _ascii(data):
    """Text up to the first 00; bytes that are no printable ASCII become "?"."""
    end = data.find(b"\0")
    return bytes(
        [byte if 32 <= byte < 127 else 63 for byte in data[: end if end >= 0 else None]]
    ).decode()
