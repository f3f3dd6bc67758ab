"""``primanota batches``: list and show batches, write a file again, undo a batch."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

import click

from primanota.app import batches as use_cases
from primanota.app import book_views, views
from primanota.app.book_views import BatchRowView, BatchView
from primanota.app.views import DeliveryView
from primanota.book import Batches
from primanota.book.journal import Journal
from primanota.cli import output
from primanota.cli.context import CommonOptions, common_options
from primanota.core.errors import InvalidInput
from primanota.core.text import clean
from primanota.export.destinations import parse_destinations


class _Number(click.IntRange):
    """The number of a batch."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 - click's signature
        """Convert a word to a number, with an error that names batches."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            raise click.BadParameter(f"{value} is not a batch number.", ctx, param) from None


_NUMBER = click.argument("number", type=_Number(min=1), metavar="N")


@click.group(invoke_without_command=True)
@common_options
@click.pass_context
def batches(ctx: click.Context, *, common: CommonOptions) -> None:
    """List what was exported: each file is a batch.

    Example: primanota batches show 3
    """
    if ctx.invoked_subcommand:
        return
    workspace = common.workspace()
    found = workspace.transaction(lambda book: _all(workspace.journal(book)))
    if common.as_json:
        output.as_json({"organisation": workspace.login, "batches": found})
        return
    headings = ("Batch", "When", "Profile", "Account", "Selection", "Rows", "In", "Out", "Proven", "State", "File")
    lines = map(_row, found)
    output.table(headings, lines, right=(0, 5, 6, 7)) if found else output.result("Nothing was exported yet.")


@batches.command("show")
@_NUMBER
@common_options
def show_one(*, number: int, common: CommonOptions) -> None:
    """Show a batch's rows, as they were exported.

    Example: primanota batches show 3
    """
    workspace = common.workspace()
    batch, rows, zone = workspace.transaction(lambda book: _one(workspace.journal(book), number))
    if common.as_json:
        output.as_json(views.joined({"organisation": workspace.login}, batch, {"lines": rows}))
        return
    heading = f"Batch {number}, {batch.made:%Y-%m-%d %H:%M}, {batch.profile}, {batch.account}, {batch.selection}"
    output.result(f"{heading}: {batch.state}, {batch.proof}")
    output.result(f"File: {batch.path or batch.name} ({batch.size} bytes, SHA-256 {batch.sha256})")
    for delivery in batch.deliveries:
        if delivery.kind != "folder":
            output.result(f"At {delivery.destination}: {_since(delivery, zone)}")
    _print_rows(rows)
    if batch.reason:
        output.result(f"{batch.state.capitalize()}: {batch.reason}")


@batches.command()
@_NUMBER
@click.option("--to", metavar="PLACE", help="A folder, or a file.")
@common_options
def again(*, number: int, to: str | None, common: CommonOptions) -> None:
    """Write a batch's file again, byte for byte.

    The exported bytes, also where rows have changed since. Without --to, where the file was.

    Example: primanota batches again 3 --to copies
    """
    local = parse_destinations([to]).local if to else None
    if to and not local:
        raise InvalidInput(f"“{to}” is not a place on this machine.", "Name a folder, or a file.")
    workspace = common.workspace()
    batch, path, notes = workspace.transaction(lambda book: use_cases.write_again(book, number, local))
    for sentence in notes:
        output.note(sentence)
    if common.as_json:
        written = {"path": str(path), "sha256": batch.sha256, "size": batch.size, "rows": batch.rows}
        output.as_json({"organisation": workspace.login, "batch": number, **written})
    else:
        output.result(f"Written: {path} ({output.rows(batch.rows)}, batch {number})")


@batches.command()
@_NUMBER
@common_options
def undo(*, number: int, common: CommonOptions) -> None:
    """Make a batch's rows new again.

    For a file that was not imported, or whose rows were taken out of the tool. The batch stays in the list.

    Example: primanota batches undo 3
    """
    workspace = common.workspace()
    batch, free, notes = workspace.transaction(lambda book: use_cases.undo(book, number))
    for sentence in notes:
        output.note(sentence)
    if common.as_json:
        output.as_json(
            {"organisation": workspace.login, "batch": number, "state": "undone", "rows": batch.rows, "new": free}
        )
        return
    many = f"its {output.rows(free)}" if free == batch.rows else f"{free} of its {output.rows(batch.rows)}"
    output.result(f"Batch {number} is undone: {many} are new again for {batch.profile}.")
    if free < batch.rows:
        output.result(f"The others are in another batch of {batch.profile}, too.")
    output.result(f"Do not import {batch.name}; if it was imported, take its rows out of the tool first.")


def _all(journal: Journal) -> list[BatchView]:
    accounts = journal.accounts()
    return [book_views.batch_view(one, accounts, journal.zone) for one in Batches(journal.book).all()]


def _one(journal: Journal, number: int) -> tuple[BatchView, list[BatchRowView], tzinfo]:
    batch, rows = use_cases.exported_rows(journal, number)
    shown = book_views.batch_view(batch, journal.accounts(), journal.zone)
    return shown, list(map(book_views.batch_row_view, rows)), journal.zone


def _print_rows(rows: Sequence[BatchRowView]) -> None:
    headings = ("Line", "Day", "Counterparty", "Amount", "Reference", "Transaction", "Since")
    lines = (
        (
            str(row.line),
            f"{row.day}",
            clean(row.counterparty),
            output.money(row.amount_cents),
            clean(row.reference),
            row.id,
            "" if row.current else "newer version",
        )
        for row in rows
    )
    output.table(headings, lines, right=(0, 3))


def _row(batch: BatchView) -> tuple[str, ...]:
    amounts = (str(batch.rows), output.money(batch.sum_in_cents), output.money(batch.sum_out_cents))
    named = (batch.profile, batch.account, batch.selection)
    waits = batch.state == "delivered" and any(not one.delivered for one in batch.deliveries)
    state = f"{batch.state}{', waits' if waits else ''}"
    return str(batch.batch), f"{batch.made:%Y-%m-%d %H:%M}", *named, *amounts, batch.proof, state, batch.name


def _since(delivery: DeliveryView, zone: tzinfo) -> str:
    if delivery.delivered:
        return f"since {delivery.delivered.astimezone(zone):%Y-%m-%d %H:%M}"
    return f"not yet. {delivery.reason}".rstrip()
