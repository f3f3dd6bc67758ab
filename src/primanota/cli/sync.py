"""``primanota sync``: bring the book up to date."""

import click

from primanota.app import flow
from primanota.app.sync import Synced, insist
from primanota.app.workspace import Workspace
from primanota.cli import output
from primanota.cli.context import CommonOptions, common_options
from primanota.cli.progress import bar


@click.command()
@click.option("--full", is_flag=True, help="Read everything again, and notice what vanished.")
@common_options
def sync(*, full: bool, door: CommonOptions) -> None:
    """Bring the book up to date, and prove it.

    Example: primanota sync
    """
    session = door.session()
    done = bring_up_to_date(session, full=full, verbose=door.verbose)
    if door.as_json:
        output.as_json({"organisation": session.login, **synced_data(done)})
    else:
        print_synced(done)
    insist(done)


def bring_up_to_date(session: Workspace, *, full: bool = False, verbose: bool = False) -> list[Synced]:
    """Sync with a progress bar; notes go to stderr."""
    with session.book(create=True) as book, session.bank() as bank, bar() as progress:
        done, notes = flow.sync(bank, book, progress, full=full)
    for note in notes:
        output.note(f"{note}")
    if verbose:
        output.info(f"The book is {session.place}.")
    return done


def print_synced(done: list[Synced]) -> None:
    """A table on stdout: what was read, and whether it is proven; reasons and vanished rows below."""
    headings = ("Account", "IBAN", "New", "Changed", "Rows", "Balance", "Proven")
    output.table(headings, (_row(account) for account in done), right=(2, 3, 4, 5))
    for account in done:
        for reason in account.reasons:
            output.result(f"{account.account.name} is not proven: {reason}.")
        for key in account.vanished:
            output.result(
                f"{account.account.name}: the bank no longer shows transaction {key}. See “primanota review”."
            )


def synced_data(done: list[Synced]) -> dict[str, object]:
    """What machines read of a sync. Cents."""
    return {"accounts": [_summary(account) for account in done]}


def _summary(done: Synced) -> dict[str, object]:
    return {
        "account": done.account.name,
        "iban": done.account.iban,
        "new": done.kept.new,
        "changed": done.kept.changed,
        "rows": done.proof.rows if done.proof else None,
        "balance_cents": done.proof.closing if done.proof else None,
        "proven": done.verdict,
        "reasons": done.reasons,
        "vanished": done.vanished,
    }


def _row(done: Synced) -> tuple[str, ...]:
    rows, closing = (done.proof.rows, done.proof.closing) if done.proof else (0, None)
    account, kept = done.account, done.kept
    return (
        account.name,
        account.tail,
        str(kept.new),
        str(kept.changed),
        str(rows),
        output.money(closing),
        output.proven_text(done.verdict),
    )
