"""``primanota batches``: list and show batches, write a file again, undo one or take that back, note an import."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

import click

from primanota.app.exporting import batches as use_cases
from primanota.app.exporting.batches import UndoPlan
from primanota.app.exporting.selection import known_first_day
from primanota.app.queries import book_views
from primanota.app.queries.book_views import BatchRowView, BatchView
from primanota.app.running import views
from primanota.app.running.views import DeliveryView
from primanota.app.workspace import Workspace
from primanota.book import Batches, Book
from primanota.book.journal import Journal
from primanota.book.rows.row_ids import RowIds
from primanota.cli import texts
from primanota.cli.options.completions import batch_numbers, items
from primanota.cli.options.context import CommonOptions, common_options
from primanota.cli.options.listing_group import ListingGroup
from primanota.cli.results.undo_plan import ask_undo, import_advice, new_rows, other_rows, undo_data
from primanota.cli.terminal import output
from primanota.cli.terminal.cell_words import batch_cell, proof_cell, selection_text
from primanota.cli.terminal.tables import Cell, TableColumn, is_terminal
from primanota.cli.texts.language import Writing, on_stdout
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


_NUMBER = click.argument("number", type=_Number(min=1), metavar="N")


@click.group(cls=ListingGroup, takes="show", invoke_without_command=True)
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
    if not found:
        output.result(texts.batches().none)
        return
    writing = on_stdout()
    output.table(_columns(), (_row(one, writing) for one in found))


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
    _print(batch, zone)
    _print_rows(rows, ids, batch.currency)
    if batch.reason:
        state = batch_cell(batch, on_stdout()).text
        output.result(texts.batches().because.format(number=number, state=state, reason=batch.reason))


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
    for one in notes:
        output.notice(one)
    if common.as_json:
        written = {"path": str(path), "sha256": batch.sha256, "size": batch.size, "rows": batch.rows}
        output.as_json({"organisation": workspace.login, "batch": number, **written})
    else:
        written_again = texts.batches().again
        output.result(on_stdout().counted(written_again, batch.rows, place=path, number=number))


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
        ask_undo(plan)
    _, free, notes = workspace.transaction(lambda book: use_cases.undo(book, number))
    for one in notes:
        output.notice(one)
    if common.as_json:
        output.as_json(undo_data(workspace.login, plan, free))
        return
    writing, undone = on_stdout(), texts.batches().undo
    output.result(undone.done.format(number=number))
    for sentence in (new_rows(plan, writing), *(other_rows(plan, writing) if yes else ())):
        output.result(sentence)
    output.result(import_advice(plan.batch, writing))
    output.result(undone.takes_back.format(number=number))


@batches.command()
@_NUMBER
@common_options
def redo(*, number: int, common: CommonOptions) -> None:
    """Take back that a batch was undone: its rows count as exported again.

    Example: primanota batches redo 3
    """
    workspace = common.workspace()
    batch, notes = workspace.transaction(lambda book: use_cases.redo(book, number))
    for one in notes:
        output.notice(one)
    if common.as_json:
        output.as_json({"organisation": workspace.login, "batch": number, "state": batch.state, "rows": batch.rows})
        return
    redone = texts.batches().redone
    output.result(on_stdout().counted(redone, batch.rows, number=number, profile=batch.profile))


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
    writing, words = on_stdout(), texts.batches()
    for batch in marked:
        text = words.imported if batch.imported else words.not_imported
        on_day = writing.day(batch.imported) if batch.imported else ""
        output.result(text.format(number=batch.number, day=on_day, name=batch.name))


def _plan(workspace: Workspace, book: Book, number: int) -> UndoPlan:
    journal, profile = workspace.journal(book), Batches(book).one(number).profile
    return use_cases.plan_undo(journal, number, known_first_day(book, profile, workspace.config))


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


def _print(batch: BatchView, zone: tzinfo) -> None:
    """Print what is known of a batch, but its rows."""
    writing, words = on_stdout(), texts.batches()
    head = words.head.format(
        number=batch.batch,
        made=writing.moment(batch.made),
        profile=batch.profile,
        account=batch.account,
        selection=selection_text(batch.selection, writing),
        state=texts.words().batch.of(batch.state),
        proof=proof_cell(batch.proof).text,
    )
    output.result(head)
    output.result(words.file.format(place=batch.path or batch.name, size=batch.size, sha256=batch.sha256))
    for delivery in batch.deliveries:
        if delivery.kind != "folder":
            output.result(_arrival(delivery, zone, writing))
    if batch.imported:
        output.result(words.imported_on.format(day=writing.day(batch.imported)))


def _arrival(delivery: DeliveryView, zone: tzinfo, writing: Writing) -> str:
    """Return since when a file is at a destination, or why it is not there."""
    words, place = texts.batches(), delivery.destination
    if delivery.delivered:
        return words.arrived.format(place=place, moment=writing.moment(delivery.delivered.astimezone(zone)))
    if delivery.reason:
        return words.not_arrived_because.format(place=place, reason=delivery.reason)
    return words.not_arrived.format(place=place)


def _print_rows(rows: Sequence[BatchRowView], ids: Sequence[str], currency: str) -> None:
    newer = texts.tables().word.newer_version
    lines = (
        (
            str(row.line),
            row.day,
            clean(row.counterparty),
            Money(row.amount_cents, currency),
            clean(row.reference),
            shown_id,
            "" if row.current else newer,
        )
        for row, shown_id in zip(rows, ids, strict=True)
    )
    output.table(_row_columns(), lines)


def _row(batch: BatchView, writing: Writing) -> tuple[Cell, ...]:
    named = (batch.profile, batch.account, selection_text(batch.selection, writing))
    amounts = (str(batch.rows), Money(batch.sum_in_cents, batch.currency), Money(batch.sum_out_cents, batch.currency))
    states = (proof_cell(batch.proof), batch_cell(batch, writing))
    return str(batch.batch), batch.made, *named, *amounts, *states, batch.name


def _columns() -> tuple[TableColumn, ...]:
    words = texts.tables().heading
    return (
        TableColumn(words.batch, "number"),
        TableColumn(words.when, "word"),
        *map(TableColumn, (words.profile, words.account, words.selection)),
        TableColumn(words.rows, "number"),
        TableColumn(words.money_in, "amount"),
        TableColumn(words.money_out, "amount"),
        *map(TableColumn, (words.proven, words.state)),
        TableColumn(words.file, "word"),
    )


def _row_columns() -> tuple[TableColumn, ...]:
    words = texts.tables().heading
    return (
        TableColumn(words.line, "number"),
        TableColumn(words.day, "word"),
        TableColumn(words.counterparty),
        TableColumn(words.amount, "amount"),
        TableColumn(words.reference, "text"),
        TableColumn(words.transaction, "word"),
        TableColumn(words.changed_since),
    )
