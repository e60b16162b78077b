"""Reads a request of the page's clients. Of the header only what is wanted is kept, a line at a
time; how much can come is bounded. What is wrong with it, and who may ask, stands in
request_checks.py.

Loaded with the first request, and dropped when there was none for a minute: see webserver.py.
Source: RFC 9112 (syntax of requests).
"""

from micropython import const

from firmware import forget

_PIECE = const(256)
_LARGEST_HEAD = const(4096)
_LONGEST_LINE = const(512)
_MOST_LINES = const(64)
_LONGEST_PATH = const(96)
_LONGEST_HOST = const(96)  # with a port
_LONGEST_METHOD = const(16)
_MOST_KEPT = const(1024)  # of all values together, while the client may still take its time
_MOST_KNOWN = const(4)
_IMPORT_SLOT_MS = const(150)

# The header lines that are kept, the others may be long; and where the name of each begins.
_WANTED = (
    b" host origin sec-fetch-site cookie authorization if-none-match x-twc content-length "
    b"transfer-encoding expect "
)
_HOST = const(0)
_ORIGIN = const(5)
_SITE = const(12)
_COOKIE = const(27)
_AUTHORIZATION = const(34)
_ETAG = const(48)
_PAGE = const(62)
_LENGTH = const(68)
_CHUNKED = const(83)
_EXPECT = const(101)

# What can be wrong: request_checks.py has the sentences.
_NO_HTTP = const(1)
_LONG_PATH = const(2)
_BAD_PATH = const(3)
_BAD_HOST = const(4)
_BAD_LENGTH = const(5)
_NO_LENGTH = const(6)
_LONG_LINE = const(7)
_LARGE_HEAD = const(8)

# Hosts that a GET may name, as request_checks.py found: an open page asks again and again.
_known = []


class Request:
    """What a client wants. Bytes, b"" without: `method`; `path` without the query; `authority`,
    the Host as it was sent, and `host`, the same without a port, both in lower case; `origin`;
    `site` (Sec-Fetch-Site); `cookie`; `authorization`; `etag` (If-None-Match); `body`, what of it
    has come so far.

    `page`: whether our own page asks (X-TWC: 1); `waits`: whether the client waits for a word
    before it sends the body (Expect); `length` of the body in bytes; `full`: whether there may be
    more to read at once; `peer`: the client's address as text; `wrong`: None, or what is to be
    answered instead, (status, sentence) or (status, sentence, more header lines, as bytes that
    begin with CR LF).
    """

    method = path = authority = host = origin = site = cookie = authorization = etag = body = b""
    page = waits = full = False
    length = 0
    peer = ""
    wrong = None


async def take(app, reader, address):
    """The request that arrives, as a Request. `app`: the firmware.app.App; `address`: of the
    client, as the socket tells it. Raises OSError if the client goes away before."""
    request = Request()
    if isinstance(address, tuple):
        request.peer = address[0]
    elif address:
        # The unix port gives a sockaddr_in.
        request.peer = ".".join([str(byte) for byte in address[4:8]])
    wrong = await _read(request, reader)
    writes = request.method != b"GET"
    if not wrong and (writes or request.authority not in _known):
        await app.bus.slot(_IMPORT_SLOT_MS, "page")
        from firmware import request_checks

        forget("firmware.request_checks")
        wrong = request_checks.check(app, request)
        del request_checks
        if not wrong and request.authority and request.authority not in _known:
            del _known[_MOST_KNOWN - 1 :]
            _known.insert(0, request.authority)
    path = request.path
    if not wrong and (writes or path.startswith(b"/api/") and path != b"/api/access"):
        wrong = await app.lock.refusal(request, writes)
    if not wrong and app.wifi.portal:
        app.wifi.asked(request.peer)
    if wrong:
        await app.bus.slot(_IMPORT_SLOT_MS, "page")
        from firmware import request_checks

        forget("firmware.request_checks")
        request.wrong = await request_checks.refused(app, request, wrong, reader)
    return request


async def _read(request, reader):
    """Reads the header; returns None, or what is wrong with it."""
    data = b""
    size = lines = kept = 0
    skips = False  # the rest of a line that is too long
    while True:
        end = data.find(b"\n")
        if not skips and (end if end >= 0 else len(data)) > _LONGEST_LINE:
            if not lines:
                return _LONG_PATH
            if _name(data) >= 0:
                return _LONG_LINE
            skips = True
        if end < 0:
            if size > _LARGEST_HEAD:
                return _LARGE_HEAD
            piece = await reader.read(_PIECE)
            if not piece:
                raise OSError
            size += len(piece)
            request.full = len(piece) == _PIECE
            data = piece if skips else data + piece
            continue
        line = data[:end].rstrip()
        data = data[end + 1 :]
        lines += 1
        wrong = None
        if lines > _MOST_LINES or size - len(data) > _LARGEST_HEAD:
            return _LARGE_HEAD
        if skips:
            skips = False
        elif lines == 1:
            wrong = _first(request, line)
        elif line:
            name = _name(line)
            if name >= 0:
                kept += len(line)
                if kept > _MOST_KEPT:
                    return _LARGE_HEAD
                wrong = _field(request, name, line.partition(b":")[2].strip())
        else:
            request.body = data[: request.length]
            return None
        if wrong:
            return wrong


def _first(request, line):
    words = line.split(b" ")
    if (
        len(words) != 3
        or len(words[0]) > _LONGEST_METHOD
        or words[1][:1] != b"/"
        or words[2][:7] != b"HTTP/1."
    ):
        return _NO_HTTP
    path = words[1].split(b"?")[0]
    if len(path) > _LONGEST_PATH:
        return _LONG_PATH
    for byte in path:
        if byte <= 32 or byte > 126:
            return _BAD_PATH
    request.method = words[0]
    request.path = path


def _name(line):
    """Where in _WANTED the name of a line of the header begins; -1: it is not wanted."""
    return _WANTED.find(b" " + line.split(b":")[0].lower() + b" ")


def _field(request, name, value):
    if name == _HOST:
        if request.authority or not value or len(value) > _LONGEST_HOST:
            return _BAD_HOST
        request.authority = value.lower()
        request.host = request.authority.split(b":")[0].rstrip(b".")
    elif name == _COOKIE:
        request.cookie = value
    elif name == _AUTHORIZATION:
        request.authorization = value
    elif name == _ETAG:
        request.etag = value
    elif name == _PAGE:
        request.page = value == b"1"
    elif name == _ORIGIN:
        request.origin = value.lower()
    elif name == _SITE:
        request.site = value
    elif name == _EXPECT:
        request.waits = value.lower() == b"100-continue"
    elif name == _LENGTH:
        if request.length or not value.isdigit():
            return _BAD_LENGTH
        # No more digits than are needed.
        request.length = int(value) if len(value) < 9 else 1 << 29
    elif name == _CHUNKED:
        return _NO_LENGTH
    return None
