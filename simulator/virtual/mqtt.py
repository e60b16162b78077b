"""MQTT 3.1.1 on the wire: packets, strings and topic filters, from the OASIS standard."""

import struct


def matches(topic_filter, topic):
    """Does `topic` fall under `topic_filter` (MQTT 3.1.1, section 4.7)?"""
    if topic_filter == topic:
        return True
    if "+" not in topic_filter and "#" not in topic_filter:
        return False
    wanted = topic_filter.split("/")
    levels = topic.split("/")
    for index, part in enumerate(wanted):
        if part == "#":
            return True
        if index >= len(levels) or part not in ("+", levels[index]):
            return False
    return len(wanted) == len(levels)


def split_packet(data):
    """(first byte, body, rest) of the first whole packet in `data`, or None when it is cut."""
    length = 0
    for index in range(1, 5):
        if index >= len(data):
            return None
        length |= (data[index] & 0x7F) << 7 * (index - 1)
        if not data[index] & 0x80:
            end = index + 1 + length
            return None if len(data) < end else (data[0], data[index + 1 : end], data[end:])
    raise ValueError("remaining length of more than four bytes")


def packet(first, body):
    """A whole packet: first byte, remaining length, body."""
    length = len(body)
    head = bytearray([first])
    while True:
        length, low = length >> 7, length & 0x7F
        head.append(low | 0x80 if length else low)
        if not length:
            return bytes(head) + body


def text_field(data):
    """Bytes with their length before them, as strings are in MQTT."""
    return struct.pack("!H", len(data)) + data


def take_text(body, at):
    """(bytes, where they end) of the string at `at`; ValueError when the packet is too short."""
    length = body[at] << 8 | body[at + 1]
    end = at + 2 + length
    if end > len(body):
        raise ValueError("string longer than its packet")
    return bytes(body[at + 2 : end]), end
