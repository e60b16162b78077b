"""What a wall connector gets when it turns up. Loaded for that moment and dropped again."""

from charging.energy import Energy
from charging.relay import Relay
from charging.stopping import Stopping
from charging.unit import Unit


def make(slave, before, relay, times_ms, settings, tell, now_ms):
    """The charging.unit.Unit of a twc.slave.Slave, with `energy`, `stopping` and `spike`.

    `before`: what memory.load() told of it, or None; `relay`: in which state its relay was, or
    None; `times_ms`: the minimum on and off times.
    """
    name = settings.name(slave.id)
    life = today = 0
    if before is not None:
        life, today = before["starts"], before["today"]
    unit = Unit(
        slave.id,
        name,
        settings.watts_per_amp(slave.id),
        Relay(times_ms[0], times_ms[1], relay, now_ms, life, today),
        settings.priority(slave.id),
        settings.phases_mask(slave.id),
    )
    unit.energy = Energy(
        settings.energy_unit(slave.id),
        unit.watts_per_amp,
        before and before.get("energy"),
        now_ms,
    )
    unit.stopping = Stopping(name, settings.contactors(slave.id), tell)
    unit.spike = None
    if settings.spike_cure(slave.id):
        from charging.spike import Spike

        unit.spike = Spike(slave.rating_ca // 100, name, tell)
    unit.meter_ms = unit.vin = unit.soc = None
    return unit
