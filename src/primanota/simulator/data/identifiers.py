"""Ids and dice that are the same tomorrow: everything invented follows from the seed and a number."""

from hashlib import blake2b
from random import Random
from zlib import crc32

_HEAD = 12  # bytes of a uuid that only look random; the last four carry the number, masked


def dice(seed: int, number: int) -> Random:
    """The small random source of one invented thing."""
    return Random((seed << 40) ^ number)  # noqa: S311 - an invented company needs no cryptography


def uuid_of(seed: int, realm: str, number: int) -> str:
    """The uuid (version 4 in form) of the thing `number` of a `realm` such as "transaction"."""
    head = bytearray(blake2b(f"{seed}:{realm}:{number}".encode(), digest_size=_HEAD).digest())
    head[6] = head[6] & 0x0F | 0x40
    head[8] = head[8] & 0x3F | 0x80
    text = bytes(head).hex() + f"{number ^ crc32(head):08x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def number_of(seed: int, realm: str, text: str) -> int | None:
    """The number whose uuid `text` is, or None: no table is needed to look an id up."""
    try:
        raw = bytes.fromhex(text.replace("-", ""))
    except ValueError:
        return None
    number = int.from_bytes(raw[_HEAD:], "big") ^ crc32(raw[:_HEAD])
    return number if uuid_of(seed, realm, number) == text.lower() else None


def uuid7_of(seed: int, number: int, ms: int) -> str:
    """A version 7 uuid whose time is `ms`, as newer readable transaction ids carry it."""
    tail = blake2b(f"{seed}:v7:{number}".encode(), digest_size=10).hexdigest()
    clock = f"{ms:012x}"
    return f"{clock[:8]}-{clock[8:]}-7{tail[:3]}-8{tail[3:6]}-{tail[6:18]}"


def iban_of(country: str, bban: str) -> str:
    """An IBAN with right check digits (ISO 13616: the whole number modulo 97 is 1)."""
    digits = "".join(str(int(sign, 36)) for sign in f"{bban}{country}00")
    return f"{country}{98 - int(digits) % 97:02d}{bban}"
