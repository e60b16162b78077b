"""Bodies <-> fields: linking and heartbeats, all that the once-a-second path needs.

Source: the tables "Who says what", "Heartbeat commands" and "Slave states" of the protocol
notes. Ids are four upper-case hex digits ("2433"). Currents are whole hundredths of an ampere
(`_ca`), as on the wire, so that nothing is lost in a float. What else units say about
themselves is read by answers.py.
"""

from micropython import const

# Functions (the first two bytes of a body) as one number.
MASTER_HEARTBEAT = 0xFBE0
MASTER_LINK_READY_1 = 0xFCE1
MASTER_LINK_READY_2 = 0xFBE2
CLOSE_CONTACTORS = 0xFCB1
OPEN_CONTACTORS = 0xFCB2
_SLAVE_LINK_READY = const(0xFDE2)
_SLAVE_HEARTBEAT = const(0xFDE0)

# Heartbeat commands that we send: LIMIT_1 in protocol 1, LIMIT_2 in protocol 2.
NO_CHANGE = 0x00
LIMIT_1 = 0x05
LIMIT_2 = 0x09

# Slave states.
READY = 0x00
ERROR = 0x02
PLUGGED_IN = 0x03
WANTS_LIMIT = 0x04
STARTING = 0x08

STATE_NAMES = {
    0x00: "ready",
    0x01: "charging",
    0x02: "error",
    0x03: "plugged in",
    0x04: "wants a limit",
    0x05: "busy",
    0x06: "adjusting",
    0x07: "adjusting",
    0x08: "starting",
    0x09: "adjusting",
    0x0A: "adjusted",
}

# Body lengths (without checksum) of protocol 1 and 2.
_LENGTH_1 = const(13)
_LENGTH_2 = const(15)


def lowest_amps(protocol):
    """The lowest limit above 0 that a slave of `protocol` (1, 2, or None: unknown) is sent, in
    amperes."""
    return 5 if protocol == 1 else 6


def function(body):
    """The function of a body of at least two bytes, as one number."""
    return body[0] << 8 | body[1]


def id_text(body, at):
    """The id at offset `at`, as four upper-case hex digits."""
    return f"{body[at]:02X}{body[at + 1]:02X}"


def decode(body):
    """The fields of a linking frame or heartbeat (bytes without checksum), or None for
    anything else; never an exception, whatever the bytes. A dictionary:

    "type", "sender" and, for
    "master_link_ready_1", "master_link_ready_2": "sign"
    "slave_link_ready": "sign", "max_ca", "protocol" (1 or 2, from the length)
    "master_heartbeat": "receiver", "command", "amps_ca"
    "slave_heartbeat": "receiver", "state", "max_ca", "actual_ca", "protocol"
    """
    length = len(body)
    if length != _LENGTH_1 and length != _LENGTH_2:
        return None
    code = body[0] << 8 | body[1]
    fields = {"sender": id_text(body, 2)}
    if code == _SLAVE_HEARTBEAT:
        fields["type"] = "slave_heartbeat"
        fields["receiver"] = id_text(body, 4)
        fields["state"] = body[6]
        fields["max_ca"] = body[7] << 8 | body[8]
        fields["actual_ca"] = body[9] << 8 | body[10]
        fields["protocol"] = 1 if length == _LENGTH_1 else 2
    elif code == MASTER_HEARTBEAT:
        fields["type"] = "master_heartbeat"
        fields["receiver"] = id_text(body, 4)
        fields["command"] = body[6]
        fields["amps_ca"] = body[7] << 8 | body[8]
    elif code == _SLAVE_LINK_READY:
        fields["type"] = "slave_link_ready"
        fields["sign"] = body[4]
        fields["max_ca"] = body[5] << 8 | body[6]
        fields["protocol"] = 1 if length == _LENGTH_1 else 2
    elif code == MASTER_LINK_READY_1 or code == MASTER_LINK_READY_2:
        which = 1 if code == MASTER_LINK_READY_1 else 2
        fields["type"] = f"master_link_ready_{which}"
        fields["sign"] = body[4]
    else:
        return None
    return fields


def encode(code, own_id, rest, length):
    """A body of `length` bytes: function, sender id, then the bytes `rest`, then zeros."""
    body = bytearray(length)
    body[0] = code >> 8
    body[1] = code & 0xFF
    sender = int(own_id, 16)
    body[2] = sender >> 8
    body[3] = sender & 0xFF
    for index in range(len(rest)):
        body[4 + index] = rest[index]
    return bytes(body)


def link_ready(which, own_id, sign):
    """Body of master link ready `which` (1 or 2); `sign` is one byte of our choice."""
    code = MASTER_LINK_READY_1 if which == 1 else MASTER_LINK_READY_2
    return encode(code, own_id, (sign,), _LENGTH_1)


def to_slave(code, own_id, slave_id):
    """Body of a question or contactor command to one slave."""
    to = int(slave_id, 16)
    return encode(code, own_id, (to >> 8, to & 0xFF), _LENGTH_2)


def heartbeat(own_id, slave_id, command, amps_ca, long=True):
    """Body of a master heartbeat: `command` (see above), `amps_ca` 0 to 65535, and seven
    (protocol 1) or, with `long`, nine data bytes. Our own plug flag is always 0."""
    to = int(slave_id, 16)
    rest = (to >> 8, to & 0xFF, command, amps_ca >> 8, amps_ca & 0xFF)
    return encode(MASTER_HEARTBEAT, own_id, rest, _LENGTH_2 if long else _LENGTH_1)
