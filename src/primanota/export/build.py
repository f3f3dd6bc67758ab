"""Build an export's files: render and check them, stage each beside its target, and record it as a batch."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from primanota.adapters.storage import disk
from primanota.book import SelectedRows
from primanota.core.errors import FileLimitReached, NotProven
from primanota.core.model import Account, Money, Statement, TextChange, Transaction
from primanota.core.period import Period, fiscal_year
from primanota.core.results import Batch, Delivery, Span
from primanota.core.selection import Changed
from primanota.export.filenames import FileNames
from primanota.export.payload import Payload, PayloadWriter
from primanota.export.select import Export
from primanota.export.split import by_rows, by_year


class StagedFile(NamedTuple):
    """A file that is rendered and checked, and stored under a temporary name beside its target.

    ``path`` is the target; if ``local`` is false, the file is not stored on this machine. ``lines`` are the selected
    rows that the file has. ``span`` has the balances before and after them.
    """

    number: int
    account: Account
    path: Path
    local: bool
    lines: range
    span: Span
    payload: Payload
    text_changes: list[TextChange]


class _RowsOfFile(NamedTuple):
    """Rows for one file, and the balances of the account before and after them."""

    rows: SelectedRows
    lines: range
    account: Account
    span: Span


def build(
    export: Export, account: Account, rows: SelectedRows, span: Span, names: FileNames, numbers: Iterator[int]
) -> Iterator[StagedFile]:
    """Yield an account's files, each staged; no file where there are no rows, unless it must replace an older one.

    Args:
        export: the export.
        account: the account of the rows.
        rows: the selected rows.
        span: the balances at both ends of them.
        names: makes the path of each file.
        numbers: yields the number of the next batch.

    Raises:
        FormatRuleViolated: a row breaks a rule of the tool.
        NotProven: the files together do not lead to the closing balance.
        DeliveryFailed: a file cannot be staged.
    """
    if not rows and not _replaces_older_file(export, account, rows, span, names):
        return
    opening, moved, number = span.opening, 0, 0
    for part in _parts(export, account, rows):
        lines = part
        while lines or not number:
            number += 1
            batch = next(numbers)
            rest = Span(opening, span.closing, span.proven, proof=span.proof)
            file = _stage_as_many_as_fit(export, _RowsOfFile(rows, lines, account, rest), names, batch, number)
            yield file
            opening, moved = file.span.closing, moved + file.payload.sum_in + file.payload.sum_out
            lines = lines[file.payload.rows :]
    if span.proven and span.closing is not None and (span.opening or 0) + moved != span.closing:
        raise NotProven(f"{account.name}: the rows do not lead to the closing balance.", "Run “primanota check”.")


def record(export: Export, file: StagedFile, rows: SelectedRows) -> Batch:
    """Record a staged file as a prepared batch; inside the book's ``writing``."""
    payload, profile, batches = file.payload, export.profile, export.batches
    local = (Delivery(str(file.path)),) if file.local else ()
    remote = export.destinations.remote(file.path.name, file.number)
    batch = Batch(
        number=file.number,
        made=batches.now(),
        profile=profile.name,
        origin=profile.origin,
        digest=profile.digest,
        account=file.account.id,
        selection=str(export.selection),
        name=file.path.name,
        sha256=payload.sha256,
        size=payload.size,
        rows=payload.rows,
        rows_sha256=rows.digest(file.lines),
        sum_in=payload.sum_in,
        sum_out=payload.sum_out,
        opening=file.span.opening,
        closing=file.span.closing,
        proven=file.span.proven,
        proof=file.span.proof,
        run_key=export.run_key,
        deliveries=(*local, *map(Delivery, remote)),
    )
    batches.record(batch, profile.text, payload.compressed, rows, file.lines)
    return batch


def statement(
    export: Export,
    account: Account,
    rows: SelectedRows,
    lines: range,
    span: Span,
    transactions: Iterable[Transaction],
) -> Statement:
    """Return the statement of some of the selected rows."""
    first, last = _days(export, account, rows, lines)
    return Statement(
        account,
        transactions,
        first,
        last,
        _money(span.opening, account),
        _money(span.closing, account),
        proven=span.proven is not False,
        proof=span.proof,
        company=export.journal.find_organisation(),
        ledger=export.ledger_of(account),
    )


def staging_mark(number: int) -> str:
    """Return the mark under which a batch's file is staged."""
    return f"batch-{number}"


def _parts(export: Export, account: Account, rows: SelectedRows) -> Iterator[range]:
    """Yield ranges of lines: each of one fiscal year, and of at most as many rows as the tool accepts."""
    rules, day_of = export.profile.rules, _day_of(export, rows)
    years = by_year(rows.lines, day_of, export.year_start(account)) if rules.fiscal_year and rows else [rows.lines]
    for year in years:
        yield from by_rows(year, rules.max_rows) if rules.max_rows and year else [year]


def _stage_as_many_as_fit(export: Export, part: _RowsOfFile, names: FileNames, batch: int, number: int) -> StagedFile:
    """Stage a file of the part's rows, or of fewer rows if the file would become too large."""
    while True:
        try:
            return _stage(export, part, names, batch, number)
        except FileLimitReached as full:
            if not full.fits:
                raise
            part = part._replace(lines=part.lines[: full.fits])


def _stage(export: Export, part: _RowsOfFile, names: FileNames, batch: int, number: int) -> StagedFile:
    """Render and check one file, and write it under a temporary name."""
    rows, lines, account, span = part
    limit, local = export.profile.rules.max_bytes, export.destinations.local is not None
    writer = PayloadWriter(account.currency, limit)
    if span.opening is not None and not limit and lines.stop < rows.lines.stop:
        span = Span(span.opening, span.opening + rows.total(lines), span.proven, proof=span.proof)
    transactions = map(export.journal.reader(export.profile.fields), rows.bodies(lines))
    content = statement(export, account, rows, lines, span, writer.count(transactions))
    path = _path(export, names, content, batch, number)
    pieces = writer.write(export.profile.render(content))
    if local:
        disk.stage(path, staging_mark(batch), pieces)
    else:
        deque(pieces, maxlen=0)  # only the book stores the bytes until the other destinations have them
    payload = writer.finish()
    if span.opening is not None and limit:
        closing = span.opening + payload.sum_in + payload.sum_out
        span = Span(span.opening, closing, span.proven, proof=span.proof)
    return StagedFile(batch, account, path, local, lines[: payload.rows], span, payload, content.text_changes)


def _path(export: Export, names: FileNames, content: Statement, batch: int, number: int) -> Path:
    if isinstance(export.selection, Period):
        return names.path(content, export.selection.name, number)
    return names.free_path(content, batch, number)


def _replaces_older_file(export: Export, account: Account, rows: SelectedRows, span: Span, names: FileNames) -> bool:
    """Return whether an older file of the period exists, which an empty export must replace."""
    if not isinstance(export.selection, Period) or export.destinations.local is None:
        return False
    empty = statement(export, account, rows, range(0), span, iter(()))
    return names.path(empty, export.selection.name).exists()


def _days(export: Export, account: Account, rows: SelectedRows, lines: range) -> tuple[date, date]:
    """Return the first and last local day of a file: the selection's, limited to its rows and fiscal year."""
    day_of, every = _day_of(export, rows), rows.lines
    first, last = (day_of(every[0]), day_of(every[-1])) if every else (date.min, date.min)
    if not isinstance(export.selection, Changed):
        first = export.selection.first if isinstance(export.selection, Period) else first
        last = export.selection.last if isinstance(export.selection, Period) else last
    if lines and lines != every:
        first = first if lines[0] == every[0] else day_of(lines[0])
        last = last if lines[-1] == every[-1] else day_of(lines[-1])
    if lines and export.profile.rules.fiscal_year:
        year = fiscal_year(day_of(lines[0]), export.year_start(account))
        return max(first, year[0]), min(last, year[1])
    return first, last


def _day_of(export: Export, rows: SelectedRows) -> Callable[[int], date]:
    return lambda line: export.day(rows, line)


def _money(cents: int | None, account: Account) -> Money | None:
    return None if cents is None else Money(cents, account.currency)
