"""``primanota batches``: list and show batches, write a file again, undo one or take that back, note an import."""

import sys
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

import click

from primanota.app import batches as use_cases
from primanota.app import book_views, views
from primanota.app.batches import UndoPlan
from primanota.app.book_views import BatchRowView, BatchView
from primanota.app.selection import known_first_day
from primanota.app.views import DeliveryView
from primanota.app.workspace import Workspace
from primanota.book import Batches, Book
from primanota.book.journal import Journal
from primanota.book.row_ids import RowIds
from primanota.cli import output
from primanota.cli.completions import batch_numbers, items
from primanota.cli.context import CommonOptions, common_options
from primanota.cli.tables import Cell, TableColumn, is_terminal
from primanota.core.errors import InvalidInput
from primanota.core.model import Money
from primanota.core.results import Batch
from primanota.core.text import clean
from primanota.export.destinations import parse_destinations

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class _Number(click.IntRange):
    """The number of a batch."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 - click's signature
        """Convert a word to a number, with an error that names batches."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            raise click.BadParameter(f"{value} is not a batch number.", ctx, param) from None

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002 - click's signature
        incomplete: str,
    ) -> list["CompletionItem[Any]"]:
        """Return the numbers that the command can use."""
        return [*items(batch_numbers, ctx, incomplete)]


_COLUMNS = (
    TableColumn("Batch", "number"),
    TableColumn("When", "word"),
    *map(TableColumn, ("Profile", "Account", "Selection")),
    TableColumn("Rows", "number"),
    TableColumn("In", "amount"),
    TableColumn("Out", "amount"),
    TableColumn("Proven", "state"),
    TableColumn("State", "state"),
    TableColumn("File", "word"),
)
_ROW_COLUMNS = (
    TableColumn("Line", "number"),
    TableColumn("Day", "word"),
    TableColumn("Counterparty"),
    TableColumn("Amount", "amount"),
    TableColumn("Reference", "text"),
    TableColumn("Transaction", "word"),
    TableColumn("Since"),
)
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
    output.table(_COLUMNS, map(_row, found)) if found else output.result("Nothing was exported yet.")


@batches.command("show")
@_NUMBER
@common_options
def show_one(*, number: int, common: CommonOptions) -> None:
    """Show a batch's rows, as they were exported.

    Example: primanota batches show 3
    """
    workspace = common.workspace()
    batch, rows, zone, ids = workspace.transaction(lambda book: _one(workspace.journal(book), number))
    if common.as_json:
        output.as_json(views.joined({"organisation": workspace.login}, batch, {"lines": rows}))
        return
    heading = f"Batch {number}, {batch.made:%Y-%m-%d %H:%M}, {batch.profile}, {batch.account}, {batch.selection}"
    output.result(f"{heading}: {batch.state}, {batch.proof}")
    output.result(f"File: {batch.path or batch.name} ({batch.size} bytes, SHA-256 {batch.sha256})")
    for delivery in batch.deliveries:
        if delivery.kind != "folder":
            output.result(f"At {delivery.destination}: {_since(delivery, zone)}")
    if batch.imported:
        output.result(f"Imported on {batch.imported}")
    _print_rows(rows, ids, batch.currency)
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
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
def undo(*, number: int, yes: bool, common: CommonOptions) -> None:
    """Undo a batch, so that its rows are new again.

    For a file that was not imported, or whose rows were taken out of the tool. It asks first; “batches redo” takes it
    back. The batch stays in the list.

    Example: primanota batches undo 3
    """
    workspace = common.workspace()
    plan = workspace.transaction(lambda book: _plan(workspace, book, number))
    if not yes and plan.batch.state not in {"failed", "undone"}:  # these are refused below
        _ask_undo(plan)
    _, free, notes = workspace.transaction(lambda book: use_cases.undo(book, number))
    for sentence in notes:
        output.note(sentence)
    if common.as_json:
        output.as_json(_undo_data(workspace.login, plan, free))
        return
    output.result(f"Batch {number} is undone: {_new_rows(plan, 'is', 'are')}")
    for sentence in _other_rows(plan) if yes else ():
        output.result(sentence)
    output.result(_advice(plan.batch))
    output.result(f"“primanota batches redo {number}” takes this back.")


@batches.command()
@_NUMBER
@common_options
def redo(*, number: int, common: CommonOptions) -> None:
    """Take back that a batch was undone: its rows count as exported again.

    Example: primanota batches redo 3
    """
    workspace = common.workspace()
    batch, notes = workspace.transaction(lambda book: use_cases.redo(book, number))
    for sentence in notes:
        output.note(sentence)
    if common.as_json:
        output.as_json({"organisation": workspace.login, "batch": number, "state": batch.state, "rows": batch.rows})
        return
    output.result(f"Batch {number} counts as exported again, with {output.rows(batch.rows)} for {batch.profile}.")


@batches.command()
@click.argument("numbers", type=_Number(min=1), metavar="N...", nargs=-1, required=True)
@click.option("--on", "day", metavar="DAY", help="The day of the import. Default: today.")
@click.option("--undo", "takes_back", is_flag=True, help="Take the note back.")
@common_options
def imported(*, numbers: tuple[int, ...], day: str | None, takes_back: bool, common: CommonOptions) -> None:
    """Note that a batch's file was imported into the tool.

    The book keeps the day. “primanota status” lists the files without this note.

    Example: primanota batches imported 3
    """
    if day and takes_back:
        raise InvalidInput("--on and --undo exclude each other.", "Use one of them.")
    workspace = common.workspace()

    def mark(book: Book) -> list[Batch]:
        journal = workspace.journal(book)
        calendar = workspace.calendar(journal)
        on = None if takes_back else calendar.last(day) if day else calendar.today
        return use_cases.mark_imported(book, numbers, on, calendar.today, journal.zone)

    marked = workspace.transaction(mark)
    if common.as_json:
        noted = [{"batch": batch.number, "name": batch.name, "day": batch.imported} for batch in marked]
        output.as_json({"organisation": workspace.login, "imported": noted})
        return
    for batch in marked:
        if batch.imported:
            output.result(f"Batch {batch.number} was imported on {batch.imported}: {batch.name}")
        else:
            output.result(f"Batch {batch.number} counts as not imported: {batch.name}")


def _plan(workspace: Workspace, book: Book, number: int) -> UndoPlan:
    journal, profile = workspace.journal(book), Batches(book).one(number).profile
    return use_cases.plan_undo(journal, number, known_first_day(book, profile, workspace.config))


def _ask_undo(plan: UndoPlan) -> None:
    """Say what undoing a batch will do, and ask; without a terminal, ``--yes`` must be given.

    Raises:
        InvalidInput: there is no terminal to ask in, or the answer is no.
    """
    number = plan.batch.number
    new = _new_rows(plan, "becomes", "become")
    if not sys.stdin.isatty():
        raise InvalidInput(f"Undoing batch {number} is not asked for: {new}", "Add --yes: there is no terminal here.")
    output.info(f"Batch {number} will be undone: {new}")
    for sentence in _other_rows(plan):
        output.info(sentence)
    if plan.batch.imported:
        output.info(_advice(plan.batch))
    if not output.confirm("Undo it?"):
        raise InvalidInput(f"Batch {number} was not undone.", "Its rows still count as exported.")


def _new_rows(plan: UndoPlan, singular: str, plural: str) -> str:
    """Return how many rows are new again, and of which days, as a part of a sentence."""
    rows, every = output.rows(plan.batch.rows), plan.new == plan.batch.rows
    verb = singular if plan.batch.rows == 1 else plural
    days = f", of {plan.first}" if plan.first else ""
    days += f" to {plan.last}" if plan.last != plan.first else ""
    return f"{'its' if every else f'{plan.new} of its'} {rows} {verb} new again for {plan.batch.profile}{days}."


def _other_rows(plan: UndoPlan) -> Iterator[str]:
    """Yield what holds for the rows of the batch that do not become new, in sentences."""
    if plan.staying:
        yield (
            f"{output.rows(plan.staying)} before {plan.first_day}, the first day of --new, stay out of it: "
            "--period exports them, or --new with an earlier --since."
        )
    if plan.new + plan.staying < plan.batch.rows:
        yield f"The others are in another batch of {plan.batch.profile}, too."


def _advice(batch: Batch) -> str:
    if batch.imported:
        return f"{batch.name} was imported on {batch.imported}: take its rows out of the tool first."
    return f"Do not import {batch.name}; if it was imported, take its rows out of the tool first."


def _undo_data(login: str, plan: UndoPlan, free: int) -> dict[str, object]:
    return {
        "organisation": login,
        "batch": plan.batch.number,
        "state": "undone",
        "rows": plan.batch.rows,
        "new": min(plan.new, free),
        "first": plan.first,
        "last": plan.last,
        "staying_out": plan.staying,
    }


def _all(journal: Journal) -> list[BatchView]:
    accounts = journal.accounts()
    return [book_views.batch_view(one, accounts, journal.zone) for one in Batches(journal.book).all()]


def _one(journal: Journal, number: int) -> tuple[BatchView, list[BatchRowView], tzinfo, list[str]]:
    """Return a batch, its rows, the time zone, and the rows' ids as they are shown: short ones in a terminal."""
    batch, rows = use_cases.exported_rows(journal, number)
    shown = book_views.batch_view(batch, journal.accounts(), journal.zone)
    views_of_rows = list(map(book_views.batch_row_view, rows))
    short = RowIds(journal.book).short if is_terminal() else str
    return shown, views_of_rows, journal.zone, [short(row.id) for row in views_of_rows]


def _print_rows(rows: Sequence[BatchRowView], ids: Sequence[str], currency: str) -> None:
    lines = (
        (
            str(row.line),
            f"{row.day}",
            clean(row.counterparty),
            Money(row.amount_cents, currency),
            clean(row.reference),
            shown_id,
            "" if row.current else "newer version",
        )
        for row, shown_id in zip(rows, ids, strict=True)
    )
    output.table(_ROW_COLUMNS, lines)


def _row(batch: BatchView) -> tuple[Cell, ...]:
    amounts = (str(batch.rows), Money(batch.sum_in_cents, batch.currency), Money(batch.sum_out_cents, batch.currency))
    named = (batch.profile, batch.account, batch.selection)
    waits = batch.state == "delivered" and any(not one.delivered for one in batch.deliveries)
    state = f"{batch.state}{', waits' if waits else ''}"
    if batch.imported:
        state = f"{state}, imported {batch.imported}"
    return str(batch.batch), f"{batch.made:%Y-%m-%d %H:%M}", *named, *amounts, batch.proof, state, batch.name


def _since(delivery: DeliveryView, zone: tzinfo) -> str:
    if delivery.delivered:
        return f"since {delivery.delivered.astimezone(zone):%Y-%m-%d %H:%M}"
    return f"not yet. {delivery.reason}".rstrip()
