"""The last six hours of surplus, offer and draw, in RAM, for the page's chart: means of three
minutes. No data is not zero: what was not known for more than half of a step is unknown there.

The module itself is what keeps them: a class would take more than 100 bytes for one object.

`rows`: surplus, offer and draw of each of the last 120 steps, in 10 W, -32768 where not known;
those of step n, which began n x 3 min after the start, stand at n % 120 * 3. `sums`: the number of
the step that is gathered now; of it for how many seconds the surplus was known, and a wall
connector answered; and the sums of the watts.
"""

from array import array

from micropython import const

_STEP_MS = const(180000)
_KNOWN_S = const(90)  # of a step that is known
_MOST = const(32767)

rows = array("h", b"\0\x80" * 360)
sums = [0] * 6


def sample(decisions, now_ms):
    """Takes what is true now, to be called once a second. `decisions`: the
    firmware.decisions.Decisions. As long as no wall connector answers, nobody knows what is
    drawn."""
    while sums[0] < now_ms // _STEP_MS:
        for place in range(3):
            seconds = sums[2 if place else 1]
            mean = -32768
            if seconds >= _KNOWN_S:
                mean = min(_MOST, max(-_MOST, round(sums[place + 3] / seconds / 10)))
            rows[sums[0] % 120 * 3 + place] = mean
        sums[:] = [sums[0] + 1, 0, 0, 0, 0, 0]
    watts = decisions.inputs.surplus_watts(now_ms)
    if watts is not None:
        sums[1] += 1
        sums[3] += watts
    answers = 0
    for unit in decisions.units:
        if unit.ready:
            answers = 1
            sums[4] += unit.offer_amps * unit.watts_per_amp
            sums[5] += unit.energy.watts(unit.draw_ca)
    sums[2] += answers
