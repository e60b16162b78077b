"""The topics of TWCManager, for those who come from there: its states, and its commands.

Loaded only where twcmanager.mqtt is true. Source of names, units and payloads:
lib/TWCManager/Status/MQTTStatus.py, its callers, and Control/MQTTControl.py of
github.com/ngardiner/TWCManager; docs/twcmanager.md has them in a table.
"""

from micropython import const

from firmware import forget
from firmware.twcmanager_values import amps, totals

_AGAIN_MS = const(30000)
_LOOK_MS = const(2000)  # currents waver all the time: TWCManager tells each once a minute
_CHARGING_CA = const(100)

_COMMANDS = "chargeNow chargeNowEnd nonScheduledAmpsMax nonScheduledAction stop"
_ALL = "all/totalAmpsInUse all/maxAmpsForSlaves all/currentPolicy config/minAmpsPerTWC"
_UNIT = (
    "ampsInUse power ampsMax ampsOffered ampsDesired carsCharging chargerLoadInW state "
    "lifetimekWh currentVehicleVIN lastVehicleVIN voltagePhaseA voltagePhaseB voltagePhaseC"
)


class Topics:
    """`app`: the firmware.app.App; `prefix`: what all topics begin with ("TWC").

    `listen`: the whole topics to subscribe to. `last_vins`: {id: (VIN now or "", the one before or
    "")}. Stands beside firmware.report.Report in Mqtt.reports.
    """

    def __init__(self, app, prefix):
        self._app = app
        self._prefix = prefix
        self.listen = [f"{prefix}/control/{name}" for name in _COMMANDS.split(" ")]
        self.last_vins = {}
        self._marks = []
        self._look_ms = self._again_ms = 0

    def heard(self, topic, payload, retained):
        """Carries a command out, if `topic` is one of `listen`; returns whether it was.
        `payload`: bytes. What is wrong with it is told."""
        if topic not in self.listen:
            return False
        why = "a retained command is not carried out: send it without the retain flag"
        if not retained:
            from firmware import twcmanager_asked

            try:
                name = topic[len(self._prefix) + 9 :]
                why = twcmanager_asked.ask(self._app, name, str(payload, "utf-8"))
            except UnicodeError:
                why = "bytes that are no text"
            except ValueError as error:
                why = str(error)
            del twcmanager_asked
            forget("firmware.twcmanager_asked")
            self._look_ms = 0
        if why:
            self._app.refuse("/" + topic, why)
        return True

    def changes(self, first):
        """Generates (topic with a slash before it, text) of what has changed, and everything every
        30 s or when the broker is new to us (`first`)."""
        app = self._app
        now_ms = app.clock.ms()
        if first or now_ms >= self._again_ms:
            self._again_ms = now_ms + _AGAIN_MS
            self._marks.clear()
        elif now_ms < self._look_ms:
            return
        self._look_ms = now_ms + _LOOK_MS
        # A copy: between two packets more may happen.
        units = list(app.decisions.units)
        for pair in self._changed(0, "", _ALL, totals(app)):
            yield pair
        at = 4
        for unit in units:
            told = self._unit(unit)
            for pair in self._changed(at, unit.id + "/", _UNIT, told):
                yield pair
            at += len(told)

    def has_news(self, now_ms):
        """Whether there is something else to say, as Report has it."""
        return False

    def _unit(self, unit):
        slave = self._app.master.find(unit.id)
        if slave is None or slave.heard_ms is None:
            return (None,) * 14
        draw_ca = slave.draw_ca
        vin = unit.vin or ""
        now, last = self.last_vins.get(unit.id, ("", ""))
        if vin != now:
            self.last_vins[unit.id] = (vin, now or last)
            last = now or last
        energy = unit.energy
        volts = energy.volts or (None,) * 3
        return (
            amps(draw_ca),
            amps(draw_ca),
            amps(slave.echo_ca),
            str(unit.offer_amps),
            str(unit.amps),
            "1" if draw_ca >= _CHARGING_CA else "0",
            str(energy.watts(draw_ca)),
            str(slave.state),
            None if energy.total_wh is None else str(energy.total_wh // 1000),
            vin,
            last,
        ) + tuple([None if volt is None else str(volt) for volt in volts])

    def _changed(self, at, under, names, told):
        """Generates those of `told` that have changed and are known; `at`: the place of the first
        of them among all."""
        names = names.split(" ")
        for index in range(len(told)):
            text = told[index]
            mark = hash(text)
            if at + index == len(self._marks):
                self._marks.append(mark)
            elif self._marks[at + index] == mark:
                continue
            self._marks[at + index] = mark
            if text is not None:
                yield "/" + self._prefix + "/" + under + names[index], text
