"""GET /api/setup: how far setting the board up has come. Loaded for each request, and dropped."""

import json

from firmware import board_point, forget


def pieces(app):
    """Generates the document: {"open": whether the access point is, "new": whether no Wi-Fi is
    configured, "ssid": the access point's name or null, "wifi": {"state": "idle", "trying",
    "joined" or "failed", "ssid", "why": a sentence or "", "ip": the address there or ""},
    "networks": null or [[name, dBm, whether there is a password], ...], the strongest first,
    "scanning": whether they are being looked for, "broker": {"state": "idle", "trying",
    "connected" or "failed", "why"}}."""
    wifi = app.wifi
    tried = wifi.tried or {}
    is_open = wifi.portal is not None
    yield '{"open": ' + json.dumps(is_open)
    yield ', "new": ' + json.dumps(not app.config["wifi"]["ssid"])
    yield ', "ssid": ' + json.dumps(board_point.access_point_name() if is_open else None)
    forget("firmware.board_point")
    ssid, why = tried.get("wifi") or (wifi.ssid, "")
    state = "failed" if why else "idle"
    if wifi.trying == "wifi":
        state = "trying"
    elif wifi.state == "connected":
        state, ssid, why = "joined", wifi.ssid, ""
    yield ', "wifi": {"state": ' + json.dumps(state)
    yield ', "ssid": ' + json.dumps(ssid)
    yield ', "why": ' + json.dumps(why)
    yield ', "ip": ' + json.dumps(wifi.addresses()[0])
    yield '}, "networks": '
    before = "["
    for network in tried.get("networks") or ():
        yield before + json.dumps(network)
        before = ", "
    if before == "[":
        yield "null" if tried.get("networks") is None else "[]"
    else:
        yield "]"
    yield ', "scanning": ' + json.dumps(wifi.trying == "scan")
    why = tried.get("broker")
    state = "idle" if why is None else "failed" if why else "connected"
    if wifi.trying == "broker":
        state = "trying"
    yield ', "broker": {"state": ' + json.dumps(state)
    yield ', "why": ' + json.dumps(why or "") + "}}"
