"""How a plan begins: as configured, and with what people chose before the restart.

Loaded for that moment and dropped again.
"""

from charging.plan import Plan


def make(config, settings, remembered, tell, now_ms):
    """The charging.plan.Plan. `config`: as checked, of which plan, price, vins and timetable are
    used; `settings`: units.Units; `remembered`: what Plan.memory() gave before a restart, or {};
    `tell(level, sentence)`."""
    plan = Plan()
    told = remembered.get
    plan.settings = settings
    plan.tell = tell
    plan.price = config["price"]
    plan.vins = config["vins"]
    own = config["plan"]
    plan.manual_ms = int(own["manual_s"] * 1000)
    plan.manual_then = own["manual_then"]
    plan.mode = told("mode") or own["mode"]
    plan.chosen = "mode" in remembered
    plan.then = told("then") or "solar"
    plan.amps = plan.kept_amps = told("amps") or 0
    plan.until_ms = _after(now_ms, told("left_s"))
    if plan.mode == "manual" and plan.manual_ms:
        plan.until_ms = now_ms + plan.manual_ms
    plan.steady_ms = plan.urgent_ms = now_ms
    plan.known = {}
    plan.wishes = []
    plan.taken_wh = 0
    plan.spoke = plan.seen = plan.sun_only = False
    plan.asked = plan.boosted = plan.limits = plan.said = None
    plan.limit_amps = plan.limit_ms = None
    if told("boost"):
        from charging.boost import Boost

        left_s, wh, unplugged, amps = (told("boost") + [None])[:4]
        plan.boosted = Boost(_after(now_ms, left_s), wh, 0, unplugged, amps)
    if told("limit"):
        plan.limit_amps = told("limit")[0]
        plan.limit_ms = _after(now_ms, told("limit")[1])
    limits = told("limits")
    if limits or settings.limits_charges() or _vins_matter(plan.vins):
        from charging.allowed import Allowed

        plan.limits = Allowed(settings, plan.vins, limits or {})
    plan.allowed = True
    if told("own"):
        from charging.own import Own

        plan.said = Own(told("own"))
    plan.timetable_on = told("timetable") is not False if config["timetable"] else None
    return plan


def _after(now_ms, seconds):
    """When so many seconds are over, in ms; None: never."""
    return None if seconds is None else now_ms + int(seconds * 1000)


def _vins_matter(vins):
    """Whether the VIN of a car makes a difference."""
    return vins["allow"] or vins["deny"] or vins["unknown"] == "deny"
