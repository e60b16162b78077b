"""TLS to the broker. Loaded for a connect, and dropped when the broker has been checked.

Facts are from MicroPython's extmod/modtls_mbedtls.c (v1.23 to 1.29) and were tried on the official
ESP32 image v1.23.0 (mbedtls 3.4.1): with a CA, mbedtls checks chain, dates and name; an
address is a name like any other there (alternative names of the kind "IP" are read since
mbedtls 3.5). getpeercert() is not in every port, a callback that sees each certificate is.
"""

import asyncio
import binascii
import errno
import gc
import hashlib
import os
import select
import time

import tls
from micropython import const

from firmware import board

_SLOT_MS = const(150)
_PATIENCE_MS = const(15000)
_POLL_MS = const(20)
_LARGEST_FILE = const(8192)

# What mbedtls calls them, as negative numbers.
_VERIFY_FAILED = const(0x2700)
_FATAL = const(0x3000)

_UTC_TIME = b"\x17\x0d"  # tag and length of a time YYMMDDhhmmssZ (X.690, RFC 5280 4.1.2.5.1)


async def secure(sock, settings, packet, slot):
    """Makes a TLS socket of a connected one and sends `packet`, the session's first, through it
    as soon as the broker has proved to be the right one. Returns the socket, or None if another
    try is worth its while: then the chip's clock has been wrong, and was set.

    `settings`: the "mqtt" section of the configuration; `slot(ms, cause)`: see Bus. Each step
    that may compute begins in a slot; the longest takes the chip a second or two. Raises OSError
    with a sentence or a number for mqtt_errors.words(); `sock` is to be closed by the caller.
    """
    seen = [b"", b""]  # SHA-256 of the broker's certificate, the latest beginning of any
    wrapped = None
    await slot(_SLOT_MS, "TLS")
    # What a former session has left behind holds memory of the network's.
    gc.collect()
    try:
        context = _context(settings, seen)
        wrapped = context.wrap_socket(
            sock, server_hostname=settings["host"], do_handshake_on_connect=False
        )
        wrapped.setblocking(False)
        poller = select.poll()
        # Ready when whatever the handshake waits for is there: the module sees to that.
        poller.register(wrapped, select.POLLOUT)
        end_ms = time.ticks_add(time.ticks_ms(), _PATIENCE_MS)
        # Each write() is one step of the handshake, and the last one sends.
        while not wrapped.write(packet):
            while not poller.poll(0):
                if time.ticks_diff(end_ms, time.ticks_ms()) <= 0:
                    raise OSError("it does not answer in TLS; is there TLS on that port?")
                await asyncio.sleep_ms(_POLL_MS)
            await slot(_SLOT_MS, "TLS")
        # The callback is code of this module.
        setattr(context, "verify_callback", None)  # noqa: B010
        return wrapped
    except Exception as error:
        if wrapped is not None:
            wrapped.close()
        if isinstance(error, MemoryError):
            raise OSError(errno.ENOMEM) from None
        if isinstance(error, ValueError):
            if _only_early(str(error)) and _set_clock(seen[1]):
                return None
            raise OSError(-_VERIFY_FAILED, str(error)) from None
        if seen[0] and isinstance(error, OSError) and error.args[0] == -_FATAL:
            found = str(binascii.hexlify(seen[0]), "ascii")
            raise OSError(
                f"its certificate is not the one of mqtt.pin, it has the SHA-256 {found}"
            ) from None
        raise


def _context(settings, seen):
    """The SSLContext that lets nobody in but the right broker."""
    ca = settings["ca"]
    pin = binascii.unhexlify(settings["pin"])
    if not ca and not pin:
        raise OSError("TLS needs mqtt.ca or mqtt.pin")
    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    if ca:
        _load(context, ca)
    else:
        # With "none" the callback would not be asked. (setattr: what is assigned as an attribute
        # counts as a name of our own, which is renamed on the board.)
        setattr(context, "verify_mode", tls.CERT_OPTIONAL)  # noqa: B010

    def check(certificate, depth):
        # An exception would tear right through mbedtls.
        try:
            at = bytes(certificate).find(_UTC_TIME)
            seen[1] = max(seen[1], bytes(certificate[at + 2 : at + 14]))
            if pin and not depth:
                found = hashlib.sha256(certificate).digest()
                if found != pin:
                    seen[0] = found
                    return -_FATAL
            return 0
        except Exception:
            return -_FATAL

    setattr(context, "verify_callback", check)  # noqa: B010
    return context


def _load(context, path):
    """Loads a file of one or more certificates, DER or PEM. Raises OSError with a sentence."""
    try:
        size = os.stat(path)[6]
        if size > _LARGEST_FILE:
            raise OSError(
                f"mqtt.ca: {path} has {size // 1024} KB, take only the certificate of the CA that "
                "signed the broker's"
            )
        with open(path, "rb") as file:
            data = file.read(1)
            if data == b"0":
                context.load_verify_locations(data + file.read())
                return
            number = 0
            for line in file:
                if line.startswith(b"----"):
                    if b"END CERT" in line:
                        # Not every port reads PEM.
                        context.load_verify_locations(binascii.a2b_base64(data))
                        number += 1
                    data = b""
                else:
                    data += line.strip()
        if number:
            return
    except ValueError:
        pass
    except OSError as error:
        if isinstance(error.args[0], str):
            raise
        raise OSError(f"mqtt.ca: there is no file {path} on the board") from None
    raise OSError(f"mqtt.ca: {path} is no certificate, neither DER nor PEM")


def _only_early(text):
    """Whether nothing else is wrong with a certificate than that it is not valid yet: who else
    could set the clock would lock out the right broker."""
    return "future" in text and "\n" not in text.strip()


def _set_clock(begins):
    """Sets the chip's clock to a time YYMMDDhhmmss when that is later. Returns whether it was.

    Without a battery an ESP32 wakes up in 2000, when no certificate was valid; nothing but TLS
    asks that clock. So the beginning of a certificate can't be judged there, and its end only
    when the clock has been set by somebody else.
    """
    if len(begins) != 12 or not begins.isdigit():
        return False
    parts = [int(begins[at : at + 2]) for at in range(0, 12, 2)]
    parts[0] += 2000
    return tuple(parts) > time.gmtime()[:6] and board.set_date(parts)
