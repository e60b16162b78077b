"""Releases for tests, made with nothing but what MicroPython has, too."""

from binascii import hexlify, unhexlify
from hashlib import sha256

# A key made for these tests and nothing else, by "openssl genrsa 2048".
MODULUS = (
    "df22d433767d7a9fa6698d670f7eaae044a76ef00817d08bf296639dd3cbe1c580d409a5db13d28c"
    "7d76bc30acc27e11dc42efffe2175e880acdafebb2beca9e656ea5c63422ca02257d1ba015f8fcc5"
    "d5703f6ab971494505b275578d8f5d11ac5ce1910ca237500ad428669edfba2b21d6c97e1dc3e9a9"
    "94ed5cad38d527dd355de808ea9b8bf360e889b711d959d9ee942df02667d206b5768607fc2ae2f4"
    "93881d8085a68a2491760711f1ea729f9f80f06eb63cb465e762f0bbe69084aaedfa3af873dc6552"
    "6f04741a770ccf5f6b0fc59d1153c723148b22bda671850fabef5731cca27470e0463e24a77b86d0"
    "6692d105892546fc7490d1c8522c6003"
)
PRIVATE = (
    "0fe2f0ecc110e9fc17e307f840782a3e51650257009c81729550f3c2b6e39b2d6ea0aa172ee3d867"
    "bc3f09e30549cba405e49625c7b91637e55d039b6a5c7f1c8be836d147c0fa54f0ca597f2a5151dd"
    "dbf663ed7b4a7f86f482e22bdb9e4b6808b78c2fc1908313a5d1b916a555147221b4a31fe18aa346"
    "399e34acf890e4878f4d5824a46a5c66c04b2f7af3e1fd7174d7ead72bb0246ba4b3c4a741792cef"
    "b992f60294d96217858e2b9b14ab4e4c33a1104b89821879c35bd7a168831a2c999a2d67a29c3cf3"
    "38691d88b7c463e149c092bd7c41c60cb2d65e7921fff2bf1452b563103f18766cdabb8b144c4f98"
    "dd5643f8ba289f2133e7a43eeb17fcb1"
)

# What openssl itself made of b"twc-bridge 0.2.0\n" with it ("openssl dgst -sha256 -sign").
BY_OPENSSL = (
    "a36a4b9749c5322685d3a4a3595d4c60de29b464ce71303679961d2bcef029a99cce000609fc0ba8"
    "6007aeb1c3824c68bfa5e727924a0e3b128d19769329fdb94145b8abbdea7e3ad9c6035baa298a54"
    "632d7a1979c57bb44bbb78eed707225c34cd3b50301bdec5d7e64bc65e693f0d793586a2a1632146"
    "0bad3525d702bdeea2c0c61be54cfcfb59c0c14d8c765de0efe93ab6a22206caa2e1e6cb8253bfe1"
    "71f016a0aed98bc88085e81f3d9d9fdb1a731e4161c58f4209267334ea9f14b90fe963a498583796"
    "cc23ad27081efb43eb774e64cb57b2408c92998e0995c33acfdf73898c37f8456da48ed1068a0137"
    "0b79d3aed0b753276d039a2b84c925ab"
)


def header(name, size, kind=b"0", magic=b"ustar\x0000"):
    """A header of a tar file, 512 bytes."""
    head = name.encode() + bytes(100 - len(name)) + b"0000644\0" + b"0000000\0" * 2
    head += b"%011o\0" % size + b"00000000000\0" + b" " * 8 + kind + bytes(100) + magic
    head += bytes(512 - len(head))
    return head[:148] + b"%06o\0 " % sum(head) + head[156:]


def tar(members):
    """The bytes of a tar file of (name, bytes)."""
    packed = b""
    for name, data in members:
        packed += header(name, len(data)) + data + bytes(-len(data) % 512)
    return packed + bytes(1024)


def manifest(files, version="0.2.0", boot=1, mpy=6, named=None):
    """That of (path, bytes); `named`: (path, bytes) that it tells in place of them."""
    text = f"twc-bridge {version}\nboot {boot}\nmpy {mpy}\n".encode()
    for path, data in named or files:
        text += hexlify(sha256(data).digest()) + f" {len(data)} {path}\n".encode()
    return text + b"end " + hexlify(sha256(text).digest()) + b"\n"


def release(files, signature=None, **told):
    """The bytes of a release of (path, bytes); `told`: as for manifest()."""
    members = [("manifest.txt", manifest(files, **told))]
    if signature is not None:
        members.append(("manifest.sig", signature))
    return tar(members + list(files))


def sign(text):
    """The signature of bytes by that key: RSA, PKCS#1 v1.5, SHA-256 (RFC 8017, 8.2.1)."""
    return sign_block(padded(text))


def padded(text, size=256):
    """What is signed."""
    tail = b"\0" + unhexlify("3031300d060960864801650304020105000420") + sha256(text).digest()
    return b"\0\1" + b"\xff" * (size - 2 - len(tail)) + tail


def sign_block(block):
    """The signature of a padded block."""
    number = pow(int.from_bytes(block, "big"), int(PRIVATE, 16), int(MODULUS, 16))
    return number.to_bytes(len(MODULUS) // 2, "big")
