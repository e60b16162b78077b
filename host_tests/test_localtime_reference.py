"""Local time compared with the C library's, for the TZ texts of the time zone database."""

import datetime
import json
import os
import subprocess
import sys
import zoneinfo
from pathlib import Path

import pytest

EPOCH = datetime.date(1970, 1, 1)

# Forms that no zone of the database uses now.
MORE = (
    "AAA-1BBB,J60/2,J300/2",
    "AAA-1BBB,59/2,299/2",
    "AAA5BBB4:30:15,M2.5.3/-30,M11.1.1/100:20:10",
    "AAA0BBB-0:30,J1/0,J182/5",
)

SCRIPT = """
import json, os, sys, time
asked = json.load(sys.stdin)
told = {}
for text, times in asked.items():
    os.environ["TZ"] = text
    time.tzset()
    told[text] = [tuple(time.localtime(t))[:7] for t in times]
json.dump(told, sys.stdout)
"""


def texts():
    """The TZ text at the end of each file of the time zone database (RFC 8536, section 3.3)."""
    found = set(MORE)
    for folder in zoneinfo.TZPATH:
        for name in zoneinfo.available_timezones():
            path = Path(folder) / name
            if path.is_file():
                found.add(path.read_bytes().split(b"\n")[-2].decode())
    return sorted(text for text in found if text)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the C library knows no TZ texts here")
def test_all_zones_as_the_c_library_has_them():
    import localtime
    import zones

    asked = {}
    for text in texts():
        zone = zones.parse(text)
        # Every 37 days and some minutes from 2000 to 2100, and around each change of three years.
        times = list(range(946684800, 4102444800, 3199991))
        for day in range(1735689600, 1735689600 + 3 * 31557600, 86400):
            if localtime.offset_s(zone, day) != localtime.offset_s(zone, day + 86400):
                times += range(day, day + 86401, 1800)
                times += range(day - 1, day + 86400, 1800)
        asked[text] = times
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    for text, told in json.loads(done.stdout).items():
        zone = zones.parse(text)
        for utc_s, (year, month, mday, hour, minute, second, weekday) in zip(
            asked[text], told, strict=True
        ):
            day = (datetime.date(year, month, mday) - EPOCH).days
            want = (day, weekday, hour * 60 + minute, second)
            assert localtime.local(zone, utc_s) == want, (text, utc_s)
    assert len(asked) > 5
