"""An HTTP client in the virtual world, for the firmware's page."""

import json

from simulator.virtual.clock import clock
from simulator.virtual.net import net


class Answer:
    """What came back: `status` (None so far), `headers` (lower-case names), `body` (bytes).

    `done`: the firmware closed the connection or sent Content-Length bytes. `refused`: nobody
    listened, or the connection was reset. `took_ms`: from the request to the end.
    """

    def __init__(self, request):
        self.status = None
        self.headers = {}
        self.body = b""
        self.done = False
        self.refused = False
        self.took_ms = None
        self._request = request
        self._raw = b""
        self._start_us = clock.now_us
        self._peer = None

    def json(self):
        """The body as a JSON document."""
        return json.loads(self.body)

    def opened(self, peer):
        self._peer = peer
        if self._request:
            peer.send(self._request)

    def received(self, peer, data):
        self._raw += data
        head, _, rest = split_head(self._raw)
        if head is None:
            return
        if self.status is None:
            lines = head.decode().split("\r\n")
            self.status = int(lines[0].split(" ")[1])
            for text in lines[1:]:
                name, _, value = partition(text, ":")
                self.headers[name.lower()] = value.strip()
        self.body = rest
        length = self.headers.get("content-length")
        if length is not None and len(rest) >= int(length):
            self._end()
            peer.close()

    def closed(self, peer, reset):
        if not self.done:
            self.refused = reset
            self._end()

    def _end(self):
        self.done = True
        self.took_ms = (clock.now_us - self._start_us) // 1000


def get(path, port=80, host="twc-bridge", point=False):
    """Ask for `path`; returns an Answer that fills as the world goes on. `point`: by way of the
    board's own access point."""
    head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    return send(head, port, point)


def post(path, body=b"", headers=(), port=80, host="twc-bridge"):
    """Send `body` (bytes, text, or anything else as JSON) to `path`; `headers`: more lines.
    Returns an Answer."""
    if isinstance(body, str):
        body = body.encode()
    elif not isinstance(body, bytes):
        body = json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: " + host, f"Content-Length: {len(body)}"]
    return send("\r\n".join(lines + list(headers) + ["", ""]).encode() + body, port)


def send(request, port=80, point=False):
    """Send these bytes (or text) to the firmware's web server; returns an Answer. `point`: as
    above."""
    answer = Answer(request.encode() if isinstance(request, str) else request)
    net.connect_to_device(port, answer, point)
    return answer


def partition(text, mark):
    """`text.partition(mark)`, for bytes and str of any MicroPython."""
    at = text.find(mark)
    if at < 0:
        return text, None, text[:0]
    return text[:at], mark, text[at + len(mark) :]


def split_head(raw):
    """(head, separator, body so far) of an HTTP answer; head is None until it is complete."""
    head, mark, rest = partition(raw, b"\r\n\r\n")
    return (None, None, None) if mark is None else (head, mark, rest)
