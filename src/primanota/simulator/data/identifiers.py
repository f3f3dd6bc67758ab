"""Identifiers and random numbers that repeat: each follows from the seed and a number."""

import string
from functools import lru_cache
from hashlib import blake2b
from random import Random
from zlib import crc32

_TWO_DIGITS = {ord(letter): f"{int(letter, 36)}" for letter in string.ascii_uppercase}  # ISO 13616: A is 10, Z is 35
_HASH_BYTES = 12  # bytes of a UUID that only look random; the last four bytes hold the number, masked


def seeded_random(seed: int, number: int) -> Random:
    """Return the random generator of one invented object."""
    return Random((seed << 40) ^ number)  # noqa: S311 - an invented company needs no cryptography


def make_uuid(seed: int, namespace: str, number: int) -> str:
    """Return the UUID (version 4 in form) of object `number` in a namespace such as "transaction"."""
    head = bytearray(blake2b(f"{seed}:{namespace}:{number}".encode(), digest_size=_HASH_BYTES).digest())
    head[6] = head[6] & 0x0F | 0x40
    head[8] = head[8] & 0x3F | 0x80
    text = bytes(head).hex() + f"{number ^ crc32(head):08x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@lru_cache(maxsize=1_000)
def cached_uuid(seed: int, namespace: str, number: int) -> str:
    """Return the same as `make_uuid`, for the few objects that many transactions refer to, as members and labels."""
    return make_uuid(seed, namespace, number)


def number_from_uuid(seed: int, namespace: str, uuid: str) -> int | None:
    """Return the number that `make_uuid` encoded, or None for any other text. No lookup table is needed."""
    try:
        raw = bytes.fromhex(uuid.replace("-", ""))
    except ValueError:
        return None
    number = int.from_bytes(raw[_HASH_BYTES:], "big") ^ crc32(raw[:_HASH_BYTES])
    return number if make_uuid(seed, namespace, number) == uuid.lower() else None


def make_uuid7(seed: int, number: int, milliseconds: int) -> str:
    """Return a version 7 UUID with this time in UTC, as newer readable transaction ids contain it."""
    tail = blake2b(f"{seed}:v7:{number}".encode(), digest_size=10).hexdigest()
    timestamp = f"{milliseconds:012x}"
    return f"{timestamp[:8]}-{timestamp[8:]}-7{tail[:3]}-8{tail[3:6]}-{tail[6:18]}"


def make_iban(country: str, bban: str) -> str:
    """Return an IBAN with correct check digits (ISO 13616: the whole number modulo 97 is 1)."""
    digits = int(f"{bban}{country}00".translate(_TWO_DIGITS))
    return f"{country}{98 - digits % 97:02d}{bban}"
