"""``primanota check``: what is proven, what is not."""

import click

from primanota import checking
from primanota.checking import Check
from primanota.cli import show
from primanota.cli.door import Door, everywhere
from primanota.errors import NotConfigured, NotProven, PrimanotaError, Refused, Unreachable
from primanota.session import Session


@click.command()
@everywhere
def check(*, door: Door) -> None:
    """Prove the book again.

    The credentials, the balance chain, the counts, the hash chain.

    Changes nothing. Without credentials or network it proves what the book alone can prove.

    Example: primanota check
    """
    session = door.session()
    found, unasked = _prove(session)
    if door.as_json:
        show.as_json({"organisation": session.login, **_summary(found)})
    else:
        _print(found)
    if not found.holds:
        raise NotProven("Not everything is proven.", "The lines above say what is not.")
    if unasked:
        raise unasked


def _prove(session: Session) -> tuple[Check, PrimanotaError | None]:
    """What is proven, and why the bank could not be asked, where it could not."""
    with session.book() as book:
        found = checking.check_book(book)
        try:
            with session.bank() as bank:
                return checking.check_bank(bank, book, found), None
        except (NotConfigured, Refused, Unreachable) as error:
            found.bank = error.what
            return found, error


def _print(found: Check) -> None:
    show.table(("Account", "Rows", "Opening", "Closing", "Bank", "Proven"), _rows(found), right=(1, 2, 3, 4))
    for proof in found.proofs:
        for reason in proof.reasons:
            show.tell(f"{found.name(proof)}: {reason}.")
    show.tell(f"Hash chain: {found.forgery or 'whole'}")
    show.tell(f"File: {'sound' if found.sound else 'DAMAGED'}")
    show.tell(f"Credentials: {found.bank or 'accepted by the bank'}")


def _rows(found: Check) -> list[tuple[str, ...]]:
    return [
        (
            found.name(proof),
            str(proof.rows),
            show.money(proof.opening),
            show.money(proof.closing),
            show.money(proof.balance),
            show.verdict(proof.verdict),
        )
        for proof in found.proofs
    ]


def _summary(found: Check) -> dict[str, object]:
    accounts = [
        {
            "account": found.name(proof),
            "rows": proof.rows,
            "opening_cents": proof.opening,
            "closing_cents": proof.closing,
            "bank_cents": proof.balance,
            "proven": proof.verdict,
            "reasons": proof.reasons,
        }
        for proof in found.proofs
    ]
    return {"accounts": accounts, "hash_chain": found.forgery or "whole", "sound": found.sound, "bank": found.bank}
