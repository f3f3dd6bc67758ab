"""``primanota batches``: what left when, again, and undone."""

from typing import Any
from zoneinfo import ZoneInfo

import click

from primanota.app import flow
from primanota.book import Batch, Copy
from primanota.cli import output
from primanota.cli.context import CommonOptions, common_options
from primanota.core.errors import InvalidInput
from primanota.core.model import Account
from primanota.core.text import clean
from primanota.export.destinations import bound


class _Number(click.IntRange):
    """The number of a batch."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 - click's signature
        """What was typed, as a number that a batch can have."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            raise click.BadParameter(f"{value} is no number of a batch.", ctx, param) from None


_NUMBER = click.argument("number", type=_Number(min=1), metavar="N")


@click.group(invoke_without_command=True)
@common_options
@click.pass_context
def batches(ctx: click.Context, *, door: CommonOptions) -> None:
    """List what left: each export is a batch.

    Example: primanota batches show 3
    """
    if ctx.invoked_subcommand:
        return
    session = door.workspace()
    with session.book() as book:
        found, accounts, zone = flow.batches(book), flow.accounts(book), session.zone(book)
    if door.as_json:
        output.as_json({"organisation": session.login, "batches": [_summary(one, accounts, zone) for one in found]})
        return
    headings = ("Batch", "When", "Profile", "Account", "Selection", "Rows", "In", "Out", "State", "File")
    lines = (_row(one, f"{one.made.astimezone(zone):%Y-%m-%d %H:%M}", accounts) for one in found)
    output.table(headings, lines, right=(0, 5, 6, 7)) if found else output.result("Nothing has left yet.")


@batches.command("show")
@_NUMBER
@common_options
def show_one(*, number: int, door: CommonOptions) -> None:
    """Show a batch's rows, as they left.

    Example: primanota batches show 3
    """
    session = door.workspace()
    with session.book() as book:
        zone, accounts = session.zone(book), flow.accounts(book)
        batch, rows = flow.batch(book, number, zone)
    if door.as_json:
        output.as_json(
            {
                "organisation": session.login,
                **_summary(batch, accounts, zone),
                "lines": [
                    {
                        "line": line.line,
                        "id": line.row.id,
                        "day": line.day,
                        "counterparty": line.row.counterparty,
                        "amount_cents": line.row.amount.cents,
                        "reference": line.row.reference,
                        "current": line.current,
                    }
                    for line in rows
                ],
            }
        )
        return
    made = f"{batch.made.astimezone(zone):%Y-%m-%d %H:%M}"
    output.result(
        f"Batch {number}, {made}, {batch.profile}, {_name(batch, accounts)}, {batch.selection}: {batch.state}"
    )
    output.result(f"File: {batch.path or batch.file} ({batch.size} bytes, SHA-256 {batch.sha256})")
    for copy in batch.copies:
        output.result(f"At {copy.place}: {_since(copy, zone)}")
    headings = ("Line", "Day", "Counterparty", "Amount", "Reference", "Transaction", "Since")
    lines = (
        (
            str(line.line),
            f"{line.day}",
            clean(line.row.counterparty),
            f"{line.row.amount:.}",
            clean(line.row.reference),
            line.row.id,
            "" if line.current else "newer version",
        )
        for line in rows
    )
    output.table(headings, lines, right=(0, 3))
    if batch.why:
        output.result(f"Undone: {batch.why}")


@batches.command()
@_NUMBER
@click.option("--to", metavar="PLACE", help="A folder, or a file.")
@common_options
def again(*, number: int, to: str | None, door: CommonOptions) -> None:
    """Write a batch's file again, byte for byte.

    The bytes that left, whatever has changed since. Without --to, where it was.

    Example: primanota batches again 3 --to copies
    """
    session, here = door.workspace(), bound([to]).here if to else None
    if to and not here:
        raise InvalidInput(f"“{to}” is no place on this machine.", "Name a folder, or a file.")
    with session.book() as book:
        batch, path, notes = flow.again(book, number, here)
    for sentence in notes:
        output.note(sentence)
    if door.as_json:
        written = {"path": str(path), "sha256": batch.sha256, "size": batch.size, "rows": batch.rows}
        output.as_json({"organisation": session.login, "batch": number, **written})
    else:
        output.result(f"Written: {path} ({output.rows(batch.rows)}, batch {number})")


@batches.command()
@_NUMBER
@common_options
def undo(*, number: int, door: CommonOptions) -> None:
    """Make a batch's rows new again.

    For a file that was not imported, or whose rows were taken out of the tool. The batch stays in the list.

    Example: primanota batches undo 3
    """
    session = door.workspace()
    with session.book() as book:
        batch, free, notes = flow.undo(book, number)
    for sentence in notes:
        output.note(sentence)
    if door.as_json:
        output.as_json(
            {"organisation": session.login, "batch": number, "state": "undone", "rows": batch.rows, "new": free}
        )
        return
    many = f"its {output.rows(free)}" if free == batch.rows else f"{free} of its {output.rows(batch.rows)}"
    output.result(f"Batch {number} is undone: {many} are new again for {batch.profile}.")
    if free < batch.rows:
        output.result(f"The others are in another batch of {batch.profile}, too.")
    output.result(f"Do not import {batch.file}; if it was imported, take its rows out of the tool first.")


def _name(batch: Batch, accounts: list[Account]) -> str:
    return next((account.name for account in accounts if account.id == batch.account), batch.account)


def _row(batch: Batch, made: str, accounts: list[Account]) -> tuple[str, ...]:
    amounts = (str(batch.rows), output.money(batch.sum_in), output.money(batch.sum_out))
    named = (batch.profile, _name(batch, accounts), batch.selection)
    waits = any(batch.waits_for(copy.place) for copy in batch.copies)
    return str(batch.number), made, *named, *amounts, f"{batch.state}{', waits' if waits else ''}", batch.file


def _since(copy: Copy, zone: ZoneInfo) -> str:
    if copy.arrived:
        return f"since {copy.arrived.astimezone(zone):%Y-%m-%d %H:%M}"
    return f"not yet. {copy.why}".rstrip()


def _summary(batch: Batch, accounts: list[Account], zone: ZoneInfo) -> dict[str, object]:
    return {
        "batch": batch.number,
        "state": batch.state,
        "made": batch.made.astimezone(zone),
        "profile": batch.profile,
        "profile_sha256": batch.digest,
        "account": _name(batch, accounts),
        "selection": batch.selection,
        "path": batch.path or None,
        "name": batch.file,
        "copies": batch.copies,
        "occasion": batch.occasion or None,
        "sha256": batch.sha256,
        "size": batch.size,
        "rows": batch.rows,
        "sum_in_cents": batch.sum_in,
        "sum_out_cents": batch.sum_out,
        "opening_cents": batch.opening,
        "closing_cents": batch.closing,
        "proven": batch.proven,
        "why": batch.why or None,
    }
