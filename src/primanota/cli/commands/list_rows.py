"""``primanota list``: rows of the book, found by day, text, amount and more, with their sums."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import click

from primanota.app.exporting.selection import choose_accounts
from primanota.app.queries.list_rows import RowFilter, RowList, RowView, TotalView
from primanota.app.workspace import Workspace
from primanota.book import Batches, Book
from primanota.book.rows.found_rows import SIDES, STATUSES
from primanota.cli import texts
from primanota.cli.options import period as period_options
from primanota.cli.options.accounts import accounts_option
from primanota.cli.options.context import CommonOptions, common_options
from primanota.cli.options.groups import option_group
from primanota.cli.options.period import PeriodOptions
from primanota.cli.terminal import output
from primanota.cli.terminal.tables import Cell, TableColumn
from primanota.core.errors import InvalidInput
from primanota.core.model import Money
from primanota.core.text import clean
from primanota.core.written_amounts import parse_amount
from primanota.formats.delimited_text import Dialect, text_of
from primanota.formats.formula_guard import guarding_each

# So many rows are in memory at once, and have a table of their own.
_ROWS_AT_ONCE = 500
_AMOUNT = "amount_cents"  # in a CSV with two decimals
_CSV = Dialect(",", "\n", "minimal")


class RowOptions(NamedTuple):
    """The options that find rows, as given."""

    text: str
    amount: str | None
    side: str | None
    statuses: tuple[str, ...]
    wanted: tuple[str, ...]
    label: str
    member: str
    batch: int | None


row_options = option_group(
    "which",
    RowOptions,
    {
        "text": click.option(
            "--text", metavar="WORDS", default="", help="Words of the counterparty, reference, note, IBAN or id."
        ),
        "amount": click.option(
            "--amount", metavar="AMOUNT", help="As 117.44 or 117,44; with a sign only money in (+) or out (-)."
        ),
        "side": click.option("--side", type=click.Choice([*SIDES]), help="Money in, or money out."),
        "statuses": click.option(
            "--status",
            "statuses",
            multiple=True,
            type=click.Choice([*STATUSES]),
            help="May be given more than once.",
        ),
        "wanted": accounts_option,
        "label": click.option("--label", metavar="NAME", default="", help="A label, or a part of its name."),
        "member": click.option("--member", metavar="NAME", default="", help="A member, or a part of the name."),
        "batch": click.option("--batch", type=click.IntRange(min=1), metavar="N", help="Rows of this batch."),
    },
)


@click.command("list")
@period_options.options
@row_options
@click.option("--csv", "as_csv", is_flag=True, help="The rows as CSV on stdout, without sums.")
@common_options
def list_rows(*, options: PeriodOptions, which: RowOptions, as_csv: bool, common: CommonOptions) -> None:
    """Find rows of the book.

    Rows of every status, by the day on which they settled, or else were made; below them their sums for each account,
    status and currency. All conditions hold together. Only reads the book.

    Example: primanota list --text vattenfall --amount 117.44
    """
    if as_csv and common.as_json:
        raise InvalidInput("--csv and --json exclude each other.", "Use one of them.")
    workspace = common.workspace()
    workspace.transaction(lambda book: _list(workspace, book, options, which, common, as_csv=as_csv))


def _list(
    workspace: Workspace,
    book: Book,
    options: PeriodOptions,
    which: RowOptions,
    common: CommonOptions,
    *,
    as_csv: bool,
) -> None:
    """Write the rows while they are read, so that a book of any size takes little memory."""
    book.publish()  # after a conflict all this is repeated, which must not happen once something is written
    with book.reading():
        journal = workspace.journal(book)
        days = options.resolve(workspace.calendar(journal)) if options.given else None
        if which.batch is not None:
            Batches(book).one(which.batch)
        wanted = RowFilter(
            tuple(choose_accounts(journal.accounts(), which.wanted)),
            days,
            which.statuses,
            which.side or "",
            parse_amount(which.amount) if which.amount else None,
            which.batch,
            which.text,
            which.label,
            which.member,
        )
        found = RowList(journal, wanted)
        if common.as_json:
            span = {"since": days and days.first, "until": days and days.last}
            head = {"organisation": workspace.login, **span}
            output.as_json({**head, "rows": found.rows(), "totals": _read_later(found)})
        elif as_csv:
            _write_csv(found.rows())
        else:
            _print(found)


def _read_later(found: RowList) -> Iterator[TotalView]:
    yield from found.totals()


def _in_pieces(rows: Iterator[RowView]) -> Iterator[Sequence[RowView]]:
    while some := [*islice(rows, _ROWS_AT_ONCE)]:
        yield some


def _print(found: RowList) -> None:
    for some in _in_pieces(found.rows()):
        output.table(_columns(), map(_row, some))
    if totals := [*found.totals()]:
        output.result(texts.weekly().rows.sums)
        output.table(_total_columns(), map(_total, totals))
    else:
        output.result(texts.weekly().rows.nothing)


def _columns() -> tuple[TableColumn, ...]:
    words = texts.tables().heading
    return (
        TableColumn(words.day, "word"),
        TableColumn(words.account),
        TableColumn(words.status),
        TableColumn(words.counterparty),
        TableColumn(words.amount, "amount"),
        TableColumn(words.currency, "word", for_programs=True),
        TableColumn(words.reference, "text"),
        TableColumn(words.member),
        TableColumn(words.batch),
    )


def _total_columns() -> tuple[TableColumn, ...]:
    words = texts.tables().heading
    return (
        TableColumn(words.account),
        TableColumn(words.status),
        TableColumn(words.rows, "number"),
        *(TableColumn(one, "amount") for one in (words.money_in, words.money_out, words.sum)),
        TableColumn(words.currency, "word", for_programs=True),
    )


def _row(row: RowView) -> tuple[Cell, ...]:
    amount = Money(row.amount_cents, row.currency)
    cells = (clean(row.counterparty), amount, row.currency, clean(row.reference), row.member)
    return row.day, row.account, texts.words().status.of(row.status), *cells, _numbers(row.exported_in)


def _total(total: TotalView) -> tuple[Cell, ...]:
    amounts = (total.sum_in_cents, total.sum_out_cents, total.sum_in_cents + total.sum_out_cents)
    return (
        total.account,
        texts.words().status.of(total.status),
        f"{total.rows}",
        *(Money(one, total.currency) for one in amounts),
        total.currency,
    )


def _numbers(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


def _write_csv(rows: Iterator[RowView]) -> None:
    guarded, names = guarding_each("'", _CSV.delimiter), RowView.__struct_fields__
    output.line(",".join(names).replace(_AMOUNT, "amount"))
    for some in _in_pieces(rows):
        columns = zip(names, zip(*map(_cells, some), strict=True), strict=True)
        cells = [column if name == _AMOUNT else guarded([*column]) for name, column in columns]
        output.block(text_of(cells, _CSV).removesuffix("\n"), output.line)


def _cells(row: RowView) -> tuple[str, ...]:
    """Return a row as texts, in the order of the fields of its view."""
    more = (row.reference, row.note, row.operation, row.category, ", ".join(row.labels), row.member)
    amount = (f"{Money(row.amount_cents):.}", row.currency, row.original or "")
    head = (row.id, f"{row.day}", row.account, row.status, row.counterparty)
    return tuple(map(clean, (*head, *amount, *more, _numbers(row.exported_in))))
