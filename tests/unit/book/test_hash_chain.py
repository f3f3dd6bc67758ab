"""Versions that are read many at once are held against the same hashes as one by one."""

import hashlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from primanota.book.file.hash_chain import GENESIS, SealedVersion, first_broken, seal
from tests.support.factories import quick

_HASHES = st.binary(min_size=32, max_size=32)
_VERSIONS = st.lists(
    st.builds(
        SealedVersion, st.text(max_size=4), st.text(max_size=4), st.integers(0), st.binary(), st.just(b""), _HASHES
    ),
    max_size=5,
)


def _sealed(version: SealedVersion) -> SealedVersion:
    key, account, run, body, _, before = version
    return version._replace(hash=seal(before or GENESIS, "transaction", key, account, run, 0, body))


@quick
@given(_HASHES, st.text(max_size=4), st.text(max_size=4), st.integers(0), st.integers(0, 1), st.binary())
def test_a_hash_is_that_of_all_parts_in_one(
    before: bytes, key: str, account: str, run: int, absent: int, body: bytes
) -> None:
    """The SHA-256 of the hash before, the fields with their separators and the body, whatever they are."""
    parts = ("transaction", key, account, str(run), str(absent), str(len(body)), "")
    whole = before + "\x1f".join(parts).encode() + body
    assert seal(before, "transaction", key, account, run, absent, body) == hashlib.sha256(whole).digest()


@quick
@given(_VERSIONS, st.data())
def test_the_first_version_with_another_hash_is_found(versions: list[SealedVersion], data: st.DataObject) -> None:
    """For any versions, and any place of the one that was changed; the first of a book has no hash before it."""
    whole = [*map(_sealed, versions), _sealed(SealedVersion("first", "account", 1, b"{}", b"", None))]
    assert first_broken("transaction", whole) is None
    place = data.draw(st.sampled_from(range(len(whole))))
    field = data.draw(st.sampled_from(["id", "account", "body", "hash", "run"]))
    more: Any = {"run": 1, "id": "x", "account": "x"}.get(field, b"x")
    changed = whole[place]._replace(**{field: getattr(whole[place], field) + more})
    assert first_broken("transaction", [*whole[:place], changed, *whole[place + 1 :]]) == changed.id


def test_another_kind_has_another_hash() -> None:
    """The record of a member is no transaction."""
    version = _sealed(SealedVersion("key", "account", 1, b"{}", b"", None))
    assert first_broken("member", [version]) == "key"
