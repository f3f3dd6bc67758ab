"""``primanota check``: what is proven, what is not."""

import click

from primanota.app.check import Check, check_bank, check_book
from primanota.app.workspace import Workspace
from primanota.cli import output
from primanota.cli.context import CommonOptions, common_options
from primanota.core.errors import BankRefused, ConfigurationError, NotProven, PrimanotaError, ServiceUnavailable


@click.command()
@common_options
def check(*, door: CommonOptions) -> None:
    """Prove the book again.

    The credentials, the balance chain, the counts, the hash chain.

    Changes nothing. Without credentials or network it proves what the book alone can prove.

    Example: primanota check
    """
    session = door.session()
    found, unasked = _prove(session)
    if door.as_json:
        output.as_json({"organisation": session.login, **_summary(found)})
    else:
        _print(found)
    if not found.holds:
        raise NotProven("Not everything is proven.", "The lines above say what is not.")
    if unasked:
        raise unasked


def _prove(session: Workspace) -> tuple[Check, PrimanotaError | None]:
    """What is proven, and why the bank could not be asked, where it could not."""
    with session.book() as book:
        found = check_book(book)
        try:
            with session.bank() as bank:
                return check_bank(bank, book, found), None
        except (ConfigurationError, BankRefused, ServiceUnavailable) as error:
            found.bank = error.message
            return found, error


def _print(found: Check) -> None:
    output.table(("Account", "Rows", "Opening", "Closing", "Bank", "Proven"), _rows(found), right=(1, 2, 3, 4))
    for proof in found.proofs:
        for reason in proof.reasons:
            output.result(f"{found.name(proof)}: {reason}.")
    output.result(f"Hash chain: {found.forgery or 'whole'}")
    output.result(f"File: {'sound' if found.sound else 'DAMAGED'}")
    output.result(f"Credentials: {found.bank or 'accepted by the bank'}")


def _rows(found: Check) -> list[tuple[str, ...]]:
    return [
        (
            found.name(proof),
            str(proof.rows),
            output.money(proof.opening),
            output.money(proof.closing),
            output.money(proof.balance),
            output.proven_text(proof.verdict),
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
