"""The raw-frame command: text -> the body of a frame that can do no harm.

Works from an allow-list. What is not on it never leaves: FC 19 and FC 1A would write a unit's
one-time memory, FB E8 crashes it ("Never send" of the protocol notes). Imported when used.
"""

from twc import message

QUESTIONS = ("FBEB", "FBEC", "FBED", "FBEE", "FBEF", "FBF1", "FBB4")
WITHOUT_ID = ("FB19", "FB1A", "FB1B")
CONTACTORS = ("FCB1", "FCB2")
_LONGEST_TEXT = 64


def parse(payload, own_id, linked, contactors):
    """A command such as b"FBEB 2433" (function and id, hex, spaces free) -> (body, None), or
    (None, sentence).

    `linked`: the ids of the slaves; `contactors(id)`: whether their commands are allowed.
    """
    text = ""
    if len(payload) <= _LONGEST_TEXT:
        try:
            text = str(payload, "utf-8").replace(" ", "").upper()
        except (ValueError, UnicodeError):
            pass
    code, slave_id = text[:4], text[4:]
    if code in WITHOUT_ID and not slave_id:
        return message.encode(int(code, 16), "0000", (), 13), None
    if code not in QUESTIONS and code not in CONTACTORS:
        return None, (
            f"{code or 'this'} is not on the list of frames that may be sent: write one of "
            f"{' '.join(QUESTIONS + CONTACTORS)} and the id, such as FBEB 2433, or one of "
            f"{' '.join(WITHOUT_ID)} alone."
        )
    if slave_id not in linked:
        return None, f"{code} needs the id of a linked wall connector: {' '.join(linked)}."
    if code in CONTACTORS and not contactors(slave_id):
        return None, (
            f"{code} is allowed only where units.{slave_id}.contactors is true in config.json."
        )
    return message.to_slave(int(code, 16), own_id, slave_id), None
