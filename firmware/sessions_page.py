"""/api/sessions: the sessions that have ended, as CSV, straight from the flash. Loaded for a
request, and dropped."""

from micropython import const

# As sessions.py writes it.
_HEADER = "ended,connector,name,vin,minutes,kwh,solar_percent\n"

_PIECE = const(512)


def pieces(app):
    """Generates them, whole lines; without a file the header alone. The file is open for no longer
    than a piece takes to read: between two a line may be added."""
    at = 0
    while True:
        try:
            with open("sessions.csv", "rb") as file:
                file.seek(at)
                data = file.read(_PIECE)
        except OSError:
            data = b""
        # No letter is cut in two.
        data = data[: data.rfind(b"\n") + 1]
        if not data:
            break
        at += len(data)
        try:
            yield data.decode()
        except UnicodeError:  # damaged
            yield bytes([byte if byte < 128 else 63 for byte in data]).decode()
    if not at:
        yield _HEADER
