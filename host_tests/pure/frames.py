"""Frames as facts, apart from any code of this project.

Decoded (unescaped) bodies with their checksum, framing marks left out. Amperes as people read
them; on the wire they are hundredths.
"""

# Captured by owners of real wall connectors.
CAPTURED = (
    (
        "FC E1 77 77 77 00 00 00 00 00 00 00 00 46",
        {"type": "master_link_ready_1", "sender": "7777", "sign": 119},
    ),
    (
        "FB E2 77 77 77 00 00 00 00 00 00 00 00 47",
        {"type": "master_link_ready_2", "sender": "7777", "sign": 119},
    ),
    (
        "FD E2 18 39 52 0C 80 00 00 00 00 00 00 00 00 11",
        {
            "type": "slave_link_ready",
            "sender": "1839",
            "sign": 82,
            "max_amps": 32.0,
            "protocol": 2,
        },
    ),
    (
        "FD E2 40 85 1D 0C 80 00 00 00 00 00 00 00 00 50",
        {
            "type": "slave_link_ready",
            "sender": "4085",
            "sign": 29,
            "max_amps": 32.0,
            "protocol": 2,
        },
    ),
    (
        "FD E2 87 25 AE 0C 80 00 00 00 00 00 00 00 00 C8",
        {
            "type": "slave_link_ready",
            "sender": "8725",
            "sign": 174,
            "max_amps": 32.0,
            "protocol": 2,
        },
    ),
    (
        "FB E0 77 77 40 85 09 0C 80 00 00 00 00 00 00 28",
        {
            "type": "master_heartbeat",
            "sender": "7777",
            "receiver": "4085",
            "command": 9,
            "amps": 32.0,
        },
    ),
    (
        "FB E0 77 77 24 31 00 00 00 00 00 00 00 00 00 23",
        {
            "type": "master_heartbeat",
            "sender": "7777",
            "receiver": "2431",
            "command": 0,
            "amps": 0.0,
        },
    ),
    (
        "FB E0 77 77 02 2C 05 08 98 00 00 00 00 00 00 A1",
        {
            "type": "master_heartbeat",
            "sender": "7777",
            "receiver": "022C",
            "command": 5,
            "amps": 22.0,
        },
    ),
    (
        "FD E0 02 2C 77 77 02 00 00 06 96 00 00 9A",
        {
            "type": "slave_heartbeat",
            "sender": "022C",
            "receiver": "7777",
            "state": 2,
            "max_amps": 0.0,
            "actual_amps": 16.86,
            "protocol": 1,
        },
    ),
    (
        "FD E0 20 19 77 77 08 02 58 02 10 00 00 00 00 7B",
        {
            "type": "slave_heartbeat",
            "sender": "2019",
            "receiver": "7777",
            "state": 8,
            "max_amps": 6.0,
            "actual_amps": 5.28,
            "protocol": 2,
        },
    ),
    (
        "FD E0 24 33 77 77 03 02 58 00 00 00 00 00 00 82",
        {
            "type": "slave_heartbeat",
            "sender": "2433",
            "receiver": "7777",
            "state": 3,
            "max_amps": 6.0,
            "actual_amps": 0.0,
            "protocol": 2,
        },
    ),
    (
        # A car that would not start.
        "FD E0 29 43 77 77 08 06 40 00 00 00 00 00 00 88",
        {
            "type": "slave_heartbeat",
            "sender": "2943",
            "receiver": "7777",
            "state": 8,
            "max_amps": 16.0,
            "actual_amps": 0.0,
            "protocol": 2,
        },
    ),
    (
        # 15-byte form.
        "FB EE 77 77 20 19 00 00 00 00 00 00 00 00 15",
        {"type": "vin_request", "part": 1, "sender": "7777", "receiver": "2019"},
    ),
    (
        # 13-byte form, from another program's master.
        "FB EE 32 AB 87 25 00 00 00 00 00 00 77",
        {"type": "vin_request", "part": 1, "sender": "32AB", "receiver": "8725"},
    ),
    (
        "FD EB 25 87 00 00 03 9C 00 F6 00 F0 00 F6 00 00 00 00 00 12",
        {
            "type": "meter",
            "sender": "2587",
            "energy_raw": 924,
            "volts": [246, 240, 246],
            "phase_amps": [0, 0, 0],
        },
    ),
    (
        "FD EB 58 50 00 00 03 4A 00 FA 00 00 00 00 00 00 00 00 00 DA",
        {
            "type": "meter",
            "sender": "5850",
            "energy_raw": 842,
            "volts": [250, 0, 0],
            "phase_amps": [0, 0, 0],
        },
    ),
    (
        "FD EC 60 90 04 05 03 02 00 00 00 00 00 00 00 EA",
        {"type": "firmware", "sender": "6090", "version": "4.5.3.2"},
    ),
    (
        "FD EE 60 90 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 DE",
        {"type": "vin", "part": 1, "sender": "6090", "text": ""},
    ),
    (
        "FD B1 58 50 00 00 00 00 00 00 00 00 00 00 00 59",
        {"type": "contactors_closed", "sender": "5850"},
    ),
    ("FC 1D 00 00 00 00 00 00 00 00 00 00 00 1D", {"type": "idle"}),
)

# Captured by owners of real wall connectors, and to be dropped: (frame, why).
CAPTURED_BROKEN = (
    (
        "FD E2 18 39 52 0C 80 00 00 00 00 00 00 00 00 11 FF",
        "a good frame with a stray byte before the closing mark",
    ),
    (
        "FC E1 32 AB 77 40 06 00 00 00 00 00 00 00 00 BA",
        "wrong checksum (should be 7B)",
    ),
    ("FD E2 00 F2 8B 3F 47 46 F6 FF FF FF FF FF FF", "line noise"),
    ("FD E2 47 04 93 0C 26 88 11 71 F7 ED F5 3F FF", "noise after a correct start"),
)

# MADE from the description of the protocol, because no capture of such frames exists.
MADE = (
    (
        # 14-byte slave link ready: protocol 1.
        "FD E2 02 2C 1D 0C 80 00 00 00 00 00 00 B9",
        {
            "type": "slave_link_ready",
            "sender": "022C",
            "sign": 29,
            "max_amps": 32.0,
            "protocol": 1,
        },
    ),
    (
        # Seven data bytes, as protocol 1 is sent.
        "FB E0 77 77 02 2C 05 06 40 00 00 00 00 47",
        {
            "type": "master_heartbeat",
            "sender": "7777",
            "receiver": "022C",
            "command": 5,
            "amps": 16.0,
        },
    ),
    (
        # Meter with a car charging: 15.5 A, 16 A and 0.5 A, in steps of half an ampere.
        "FD EB 25 87 00 00 03 9D 00 F6 00 F0 00 F6 1F 20 01 00 00 53",
        {
            "type": "meter",
            "sender": "2587",
            "energy_raw": 925,
            "volts": [246, 240, 246],
            "phase_amps": [15.5, 16, 0.5],
        },
    ),
    (
        # Energy that needs more than 16 bits.
        "FD EB 25 87 00 01 E2 40 00 E6 00 E6 00 E6 3F 3F 3F 00 00 29",
        {
            "type": "meter",
            "sender": "2587",
            "energy_raw": 123456,
            "volts": [230, 230, 230],
            "phase_amps": [31.5, 31.5, 31.5],
        },
    ),
    (
        "FD EE 24 33 35 59 4A 53 41 31 45 00 00 00 00 00 00 00 00 27",
        {"type": "vin", "part": 1, "sender": "2433", "text": "5YJSA1E"},
    ),
    (
        "FD EF 24 33 30 30 54 45 53 54 30 00 00 00 00 00 00 00 00 16",
        {"type": "vin", "part": 2, "sender": "2433", "text": "00TEST0"},
    ),
    (
        "FD F1 24 33 30 30 31 00 00 00 00 00 00 00 00 00 00 00 00 D9",
        {"type": "vin", "part": 3, "sender": "2433", "text": "001"},
    ),
    (
        # 11 characters, and then nothing.
        "FD ED 24 33 41 31 37 42 30 30 30 32 34 33 33 00 00 00 00 8B",
        {"type": "serial", "sender": "2433", "text": "A17B0002433"},
    ),
    (
        "FD B4 24 33 03 00 00 00 00 00 00 00 00 00 00 0E",
        {"type": "plug_state", "sender": "2433", "plug": 3},
    ),
    (
        "FD B2 24 33 00 00 00 00 00 00 00 00 00 00 00 09",
        {"type": "contactors_opened", "sender": "2433"},
    ),
    (
        "FC B2 77 77 24 33 00 00 00 00 00 00 00 00 00 F7",
        {"type": "open_contactors", "sender": "7777", "receiver": "2433"},
    ),
    (
        "FB EB 77 77 25 87 00 00 00 00 00 00 00 00 00 85",
        {"type": "meter_request", "sender": "7777", "receiver": "2587"},
    ),
    (
        "FB B4 77 77 24 33 00 00 00 00 00 00 00 00 00 F9",
        {"type": "plug_state_request", "sender": "7777", "receiver": "2433"},
    ),
)

# MADE as well: bodies with bytes that have to be escaped, and the whole of what is on the wire.
MADE_ESCAPED = (
    (
        # The id C0DB, drawing 30.35 A (0B DB).
        "FD E0 C0 DB 77 77 01 0C 80 0B DB 00 00 00 00 DC",
        "C0 FD E0 DB DC DB DD 77 77 01 0C 80 0B DB DD 00 00 00 00 DC C0",
        {
            "type": "slave_heartbeat",
            "sender": "C0DB",
            "receiver": "7777",
            "state": 1,
            "max_amps": 32.0,
            "actual_amps": 30.35,
            "protocol": 2,
        },
    ),
    (
        # The checksum is C0.
        "FC E1 77 77 F1 00 00 00 00 00 00 00 00 C0",
        "C0 FC E1 77 77 F1 00 00 00 00 00 00 00 00 DB DC C0",
        {"type": "master_link_ready_1", "sender": "7777", "sign": 241},
    ),
    (
        # The checksum is DB.
        "FB E2 77 77 0B 00 00 00 00 00 00 00 00 DB",
        "C0 FB E2 77 77 0B 00 00 00 00 00 00 00 00 DB DD C0",
        {"type": "master_link_ready_2", "sender": "7777", "sign": 11},
    ),
)


def bytes_of(text):
    """The bytes of "FD E2 18"."""
    return bytes([int(word, 16) for word in text.split()])


def on_the_wire(body_and_checksum):
    """The bytes on the wire of an unescaped body with its checksum, written apart from the
    project's own encoder."""
    inside = body_and_checksum.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
    return b"\xc0" + inside + b"\xc0"


def in_hundredths(fields):
    """Fields as above, but with the currents in hundredths of an ampere and named so."""
    names = {
        "amps": "amps_ca",
        "max_amps": "max_ca",
        "actual_amps": "actual_ca",
        "phase_amps": "phase_ca",
    }
    result = {}
    for name in fields:
        value = fields[name]
        if name in names:
            name = names[name]
            if isinstance(value, list):
                value = [int(round(amps * 100)) for amps in value]
            else:
                value = int(round(value * 100))
        result[name] = value
    return result
