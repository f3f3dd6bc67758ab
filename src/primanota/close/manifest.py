"""What is in a pack and what is proven of it, for programs: ``manifest.json``, and ``SHA256SUMS``. Pure."""

from collections.abc import Iterable

import msgspec

from primanota.core.model import COMPLETED
from primanota.core.month_close import ClosedAccount, MonthClose, PackedFile
from primanota.core.proof_state import verdict

_FORMAT = 1


class PackManifest(msgspec.Struct):
    """The manifest of a pack. Money is cents of the account's currency, moments have their offset from UTC."""

    format: int
    month: str
    edition: int
    replaces: str
    complete: bool
    company: str
    login: str
    language: str
    made: str
    program: str
    profile: str
    profile_sha256: str
    book: dict[str, str | int]
    accounts: list[dict[str, object]]
    later: int
    files: list[PackedFile]


def manifest(close: MonthClose, company: str, login: str, replaces: str, files: Iterable[PackedFile]) -> bytes:
    """Return the manifest of a pack.

    Args:
        close: the closed month.
        company: the name of the company.
        login: the bank's name of it.
        replaces: the SHA-256 of the pack of the edition before; empty for the first.
        files: the files of the pack.
    """
    found = PackManifest(
        format=_FORMAT,
        month=close.month,
        edition=close.edition,
        replaces=replaces,
        complete=close.complete,
        company=company,
        login=login,
        language=close.language,
        made=close.made.isoformat(timespec="seconds"),
        program=close.program,
        profile=close.profile,
        profile_sha256=close.digest,
        book={"version": close.seq, "sha256": close.head},
        accounts=[_account(one) for one in close.accounts],
        later=len(close.later),
        files=sorted(files, key=lambda one: one.path),
    )
    return msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"


def sums(files: Iterable[PackedFile]) -> bytes:
    """Return ``SHA256SUMS``, as ``sha256sum -c`` reads it."""
    return "".join(f"{one.sha256}  {one.path}\n" for one in sorted(files, key=lambda one: one.path)).encode()


def _account(closed: ClosedAccount) -> dict[str, object]:
    proof = closed.proof
    return {
        "name": proof.account.name,
        "iban": proof.account.iban,
        "currency": proof.account.currency,
        "state": proof.state,
        "proven": verdict(proof.state),
        "rows": closed.rows,
        "rows_sha256": closed.rows_sha256,
        "opening": proof.opening,
        "in": proof.completed.sum_in,
        "out": proof.completed.sum_out,
        "closing": proof.closing,
        "bank_balance": proof.bank,
        "bank_balance_is_closing": proof.is_newest,
        "what_is_proven": proof.proven,
        "what_is_not": proof.unproven,
        "other_rows": {one.status: one.rows for one in proof.counts if one.status != COMPLETED},
    }
