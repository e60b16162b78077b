"""Who may ask the bridge for something, and what is said to the others. Loaded when needed, and
dropped.

- Only for the bridge by its own name or by an address: a name of somebody else that leads here
  ("DNS rebinding") is refused, because to a browser the page would be his.
- Only from our own page, if a browser says where a request comes from (Origin, Sec-Fetch-Site)
  and something is to be changed.

Sources: RFC 9110, 15.5.20 (421); the Fetch standard (Origin); W3C Fetch Metadata (Sec-Fetch-Site).
"""

from micropython import const

_PIECE = const(256)
_MOST_DROPPED = const(16384)

# What is wrong: the numbers of request.py (1: no HTTP), and what is found here.
_LONG_PATH = const(2)
_BAD_PATH = const(3)
_BAD_HOST = const(4)
_BAD_LENGTH = const(5)
_NO_LENGTH = const(6)
_LONG_LINE = const(7)
_LARGE_HEAD = const(8)
_METHOD = const(9)
_ELSEWHERE = const(10)
_NAME = const(11)

# What a router may put behind the name of a board.
_ZONES = b" local lan home home.arpa fritz.box internal localdomain "


def check(app, request):
    """None, or the number of the sentence why a request.Request is not carried out. `app`: the
    firmware.app.App."""
    writes = request.method != b"GET"
    if writes and request.method != b"POST":
        return _METHOD
    # Programs of old name no host; a browser always does.
    if (request.authority or writes or request.cookie) and not _is_own(app, request.host):
        return _NAME
    if writes and request.site not in (b"", b"same-origin", b"none"):
        return _ELSEWHERE
    origin = request.origin
    if writes and origin and origin != b"http://" + request.authority:
        # By that name a proxy may be asked that speaks TLS for us.
        if request.host != _also(app) or origin != b"https://" + request.authority:
            return _ELSEWHERE
    return None


async def refused(app, request, wrong, reader):
    """What is to be answered, (status, sentence, more header lines), when the rest of the request
    was read. `wrong`: the number of a sentence, or what the lock says, like that or without the
    last part."""
    # A client that is still sending would not look at the answer.
    left = 0 if request.waits else min(request.length, _MOST_DROPPED) - len(request.body)
    broken = not isinstance(wrong, tuple) and wrong < _METHOD
    if broken:
        # Where it ends is not known: what is there already is read.
        left = _MOST_DROPPED if request.full else 0
    while left > 0:
        piece = await reader.read(_PIECE)
        left = 0 if broken and len(piece) < _PIECE else left - len(piece)
        if not piece:
            break
    if isinstance(wrong, tuple):
        return wrong
    if wrong == _NAME and app.wifi.portal:
        # How phones find the page of an access point: they ask for a page of their maker.
        url = f"http://{app.wifi.portal}/"
        return "302 Found", url, b"\r\nLocation: " + url.encode()
    return _said(wrong)


def _is_own(app, host):
    """Whether the bridge is called so."""
    parts = host.split(b".")
    if len(parts) == 4 and all([part.isdigit() and len(part) < 4 for part in parts]):
        return True
    if not host or b" " in host:
        return False
    own = app.config["wifi"]["hostname"].lower().encode()
    name, _, zone = host.partition(b".")
    if name == own and (not zone or b" " + zone + b" " in _ZONES):
        return True
    return host == b"localhost" or host == _also(app)


def _also(app):
    """web.host, or b""."""
    return app.config["web"]["host"].lower().encode().split(b":")[0]


def _said(wrong):
    if wrong == _NAME:
        return (
            "421 Misdirected Request",
            "The bridge does not know this name: ask for its address (http://192.168.…), or write "
            "the name to web.host in config.json.",
        )
    if wrong == _ELSEWHERE:
        return "403 Forbidden", "A page from elsewhere may not ask for this."
    if wrong == _METHOD:
        sentence = "Only GET and POST are answered here."
        return "405 Method Not Allowed", sentence, b"\r\nAllow: GET, POST"
    if wrong == _LONG_PATH:
        sentence = "The address is longer than 96 bytes, or 512 with what follows a question mark."
        return "414 URI Too Long", sentence
    if wrong == _NO_LENGTH:
        return "411 Length Required", "Send the body with a Content-Length."
    if wrong == _LONG_LINE or wrong == _LARGE_HEAD:
        sentence = "The header is larger than 4096 bytes, or 64 lines, or 1024 bytes that matter."
        if wrong == _LONG_LINE:
            sentence = "A line of the header has more than 512 bytes."
        return "431 Request Header Fields Too Large", sentence
    sentence = "This is no HTTP/1.1 request."
    if wrong == _BAD_PATH:
        sentence = "The address has bytes that no address can have."
    elif wrong == _BAD_HOST:
        sentence = "There must be one Host, not empty, of at most 96 bytes."
    elif wrong == _BAD_LENGTH:
        sentence = "There must be one Content-Length, and it must be a number."
    return "400 Bad Request", sentence
