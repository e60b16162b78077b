"""Why there is no session with the broker, in words. Imported when needed and dropped again."""

import errno

# Return codes 1 to 5 of CONNACK (section 3.2.2.3 of the MQTT 3.1.1 standard).
_REFUSALS = (
    "it does not speak MQTT 3.1.1",
    "it does not accept our client id",
    "it is not available",
    "user or password is wrong",
    "user or password is wrong, or this user is not allowed in",
)


def words(error):
    """The sentence for an OSError, EOFError or mqtt.ProtocolError."""
    what = error.args[0] if error.args else ""
    if isinstance(error, EOFError):
        return "it closed the connection"
    if isinstance(what, str) and what:
        return what
    if not isinstance(error, OSError):
        return _REFUSALS[min(what, len(_REFUSALS)) - 1]
    if what == errno.ECONNREFUSED:
        return "refused; is the broker running, and is the port right?"
    if what in (errno.ETIMEDOUT, errno.EHOSTUNREACH, 113, 118):
        return "no answer"
    if what in (errno.ECONNRESET, errno.ECONNABORTED):
        return "it broke the connection"
    return f"network error {what}"
