"""What config.json may say under "vins": which cars may charge. Used by configuration.py where
there is such a section, and dropped with it."""

from micropython import const

from configured_rows import unknown
from written import shown

# Letters of a vehicle identification number (ISO 3779).
_VIN_LETTERS = b"ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_VIN_LENGTH = const(17)
_FEW = "only cars on vins.allow get power until you do."


def nobody():
    """What counts where cars were limited and nobody can tell to which."""
    return {"allow": ("?",), "deny": (), "unknown": "deny"}


def check_vins(given, problems):
    """{"allow": tuple, "deny": tuple, "unknown": "allow" or "deny"}: the VINs that may charge
    (empty: all others), those that may not, and what a car is that tells none. A mistake leaves
    those that can be read on the list of the allowed, and nobody else."""
    vins = {"allow": (), "deny": (), "unknown": "allow"}
    wrong = len(problems)
    if not isinstance(given, dict):
        problems.append(
            "config.json: vins is no object: write { ... }; no car is allowed until you do."
        )
        return nobody()
    for key in sorted(given):
        value = given[key]
        if key not in vins:
            unknown(key, "vins.", sorted(vins), problems)
        elif key == "unknown":
            if value in ("allow", "deny"):
                vins[key] = value
            else:
                problems.append(
                    f'config.json: vins.unknown is {shown(value)}: write one of "allow", '
                    f'"deny"; {_FEW}'
                )
        else:
            good = []
            if not isinstance(value, (list, tuple)):
                problems.append(
                    f'config.json: vins.{key} is {shown(value)}: write a list, [ "5YJ…" ]; {_FEW}'
                )
                value = ()
            for vin in value:
                upper = vin.upper() if isinstance(vin, str) else ""
                letters = [byte in _VIN_LETTERS for byte in upper.encode()]
                if letters == [True] * _VIN_LENGTH:
                    good.append(upper)
                else:
                    problems.append(
                        f"config.json: vins.{key} has {shown(vin)}: a VIN is {_VIN_LENGTH} "
                        f"letters and digits, without I, O and Q; {_FEW}"
                    )
            vins[key] = tuple(good)
    if len(problems) > wrong:
        vins["allow"] = vins["allow"] or nobody()["allow"]
        vins["unknown"] = "deny"
    return vins
