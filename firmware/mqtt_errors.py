"""Why there is no session with the broker, in words. Imported when needed and dropped again."""

import errno

from micropython import const

# Return codes 1 to 5 of CONNACK (section 3.2.2.3 of the MQTT 3.1.1 standard).
_REFUSALS = (
    "it does not speak MQTT 3.1.1",
    "it does not accept our client id",
    "it is not available",
    "user or password is wrong",
    "user or password is wrong, or this user is not allowed in",
)

# What mbedtls says of certificates (its x509.h), and the same in our words.
_CERTIFICATES = (
    ("not correctly signed", "it is not signed by mqtt.ca"),
    ("does not match", "it is for another name than mqtt.host"),
    ("expired", "it has expired, or the clock here is wrong"),
    ("future", "it is not valid yet, or the clock here is wrong"),
)
_VERIFY_FAILED = const(-0x2700)

# Other numbers of mbedtls (its ssl.h).
_TLS = (
    (-0x7280, "it closed the connection in the TLS handshake; is there TLS on that port?"),
    (-0x6E80, "it speaks none of the versions of TLS known here (up to 1.2)"),
    (-0x7200, "it does not answer in TLS; is there TLS on that port?"),
    (
        -0x7780,
        "it does not want this TLS connection (a client's certificate is not supported, nor is "
        "anything newer than TLS 1.2)",
    ),
)


def words(error):
    """The sentence for an OSError, EOFError or mqtt.ProtocolError."""
    what = error.args[0] if error.args else ""
    if what == _VERIFY_FAILED:
        found = [ours for theirs, ours in _CERTIFICATES if theirs in error.args[1]]
        return "its certificate does not do: " + (" and ".join(found) or error.args[1].strip())
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
    if _is_memory(error):
        return (
            "no memory for TLS, which needs 32 KB of the network's; take something out of the "
            "configuration, see docs/mqtt.md, TLS"
        )
    for number, sentence in _TLS:
        if what == number:
            return sentence
    if what < 0:
        return f"TLS error {-what:#x} {' '.join([str(part) for part in error.args[1:]])}".strip()
    return f"network error {what}"


def _is_memory(error):
    # 16 is what MicroPython makes of the error of mbedtls's numbers, and EBUSY nothing that a
    # socket says.
    if error.args[0] in (errno.ENOMEM, 16):
        return True
    return len(error.args) > 1 and "ALLOC" in str(error.args[1])
