"""Which address the access point has: not one of the home network's. Loaded while it is open."""

# The ESP32's own, and what stands in when the home network has it.
_ADDRESSES = ("192.168.4.1", "192.168.5.1", "10.44.44.1")


def free_address(home, mask):
    """The address for the access point: one that is not in the network of `home`, an address as
    text ("": there is none, or it is not known), with this mask."""
    for address in _ADDRESSES:
        if is_apart(address, home, mask):
            break
    return address


def is_apart(address, home, mask):
    """Whether the network of the access point with this address and that of `home` have no
    address in common."""
    if not home or home == "0.0.0.0":
        return True
    # Neither in that one, nor that one in ours.
    wide = _number(mask or "255.255.255.0") & 0xFFFFFF00
    return (_number(address) ^ _number(home)) & wide != 0


def _number(text):
    number = 0
    for part in text.split("."):
        number = number << 8 | int(part)
    return number
