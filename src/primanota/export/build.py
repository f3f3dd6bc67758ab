"""Build an export's files: render and check them, stage each beside its target, and record it as a batch."""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from primanota.adapters.storage import disk
from primanota.book import SelectedRows
from primanota.core.errors import FileLimitReached, InvalidInput, NotProven
from primanota.core.model import Statement, TextChanges
from primanota.core.period import Period, fiscal_year
from primanota.core.results import STANDARD_OUTPUT, Batch, Delivery, Span, staging_key
from primanota.export.earlier_files import require_replaceable
from primanota.export.filenames import FileNames
from primanota.export.payload import Payload, PayloadWriter
from primanota.export.select import AccountGroup, Export
from primanota.export.split import by_rows, by_year
from primanota.export.statement import RowsOfFile, StatementNumbers, day_of, entry_series, statement

# What must be known of a transaction to count its postings.
_FOR_COUNTING = frozenset(("amount", "vat"))


class StagedFile(NamedTuple):
    """A file that is rendered and checked, and stored under a temporary name beside its target.

    ``token`` tells its temporary name from those of other copies of the book. ``path`` is the target; if ``local`` is
    false, the file is not stored on this machine. ``lines`` are the selected rows that the file has. ``span`` has the
    balances before and after them, ``statement`` its days, number and key.
    """

    number: int
    token: str
    group: AccountGroup
    path: Path
    local: bool
    lines: range
    span: Span
    payload: Payload
    statement: Statement

    @property
    def text_changes(self) -> TextChanges:
        """Return the texts that the file could not hold unchanged."""
        return self.statement.text_changes


def build(
    export: Export, group: AccountGroup, rows: SelectedRows, span: Span, names: FileNames, numbers: Iterator[int]
) -> Iterator[StagedFile]:
    """Yield the files of an account, each staged; no file without rows, unless it must replace an older one.

    A period that needs fewer files than at its last export gives files without rows to the others, so that their rows
    are not imported twice.

    Args:
        export: the export.
        group: the account of the rows, or several whose rows are in the same files.
        rows: the selected rows.
        span: the balances at both ends of them.
        names: makes the path of each file.
        numbers: yields the number of the next batch.

    Raises:
        FormatRuleViolated: a row breaks a rule of the tool.
        InvalidInput: the rows need several files, and standard output takes one.
        NotProven: the files together do not lead to the closing balance.
        DeliveryFailed: a file cannot be staged.
    """
    if not rows and not _replaces_older_file(export, group, rows, span, names):
        return
    statements, number, found = StatementNumbers(export, group.account), 0, stretches(export, group, rows, span)
    for stretch in found:
        opening, moved = stretch.span.opening, 0
        for part in _parts(export, stretch):
            lines = part
            while lines or not number:
                number += 1
                if number > 1 and export.destinations.output:
                    message = "These rows need several files, and standard output takes one."
                    raise InvalidInput(message, "Name a folder with --to, or a shorter period.")
                batch = next(numbers)
                rest = stretch._replace(lines=lines, span=stretch.span.between(opening, stretch.span.closing))
                file = _stage_as_many_as_fit(export, rest, names, statements, batch, number)
                statements.take(file.statement)
                yield file
                opening, moved = file.span.closing, moved + file.payload.sum_in + file.payload.sum_out
                lines = lines[file.payload.rows :]
        _check_closing(stretch, moved)
    yield from _emptied(export, found[-1], names, statements, numbers, number)


def record(export: Export, file: StagedFile, rows: SelectedRows) -> Batch:
    """Record a staged file as a prepared batch; inside the book's ``writing``."""
    payload, profile, batches = file.payload, export.profile, export.batches
    local = (Delivery(str(file.path)),) if file.local else ()
    if export.destinations.output:
        local = (Delivery(STANDARD_OUTPUT),)
    remote = export.destinations.remote(file.path.name, file.number)
    batch = Batch(
        number=file.number,
        made=batches.now(),
        profile=profile.name,
        origin=profile.origin,
        digest=profile.digest,
        account=file.group.account.id,
        selection=str(export.selection),
        name=file.path.name,
        sha256=payload.sha256,
        size=payload.size,
        rows=payload.rows,
        rows_sha256=rows.digest(file.lines),
        ledger_digest=batches.record_ledger(export.ledger_settings(file.group)),
        sum_in=payload.sum_in,
        sum_out=payload.sum_out,
        opening=file.span.opening,
        closing=file.span.closing,
        proven=file.span.proven,
        proof=file.span.proof,
        run_key=export.run_key,
        statement=file.statement.number if file.statement.key else 0,
        statement_key=file.statement.key,
        token=file.token,
        replaces=isinstance(export.selection, Period),
        deliveries=(*local, *map(Delivery, remote)),
    )
    with payload.compressed as compressed:
        batches.record(batch, profile.text, compressed, rows, file.lines)
    if file.statement.entry_numbers is not None:
        rows.store_entries(entry_series(export, file.statement), file.lines)
    return batch


def stretches(export: Export, group: AccountGroup, rows: SelectedRows, span: Span) -> list[RowsOfFile]:
    """Return the rows by files: stretches that no other row interrupts; all rows for formats without balances."""
    kind = export.profile.kind
    has_balances = kind.states_balances or kind.asserts_balances
    if rows and has_balances and span.opening is None and span.start is not None:
        return [
            RowsOfFile(rows, one.lines, group, span.between(one.opening, one.opening + rows.total(one.lines)))
            for one in rows.stretches(span.start)
        ]
    return [RowsOfFile(rows, rows.lines, group, span)]


def _parts(export: Export, stretch: RowsOfFile) -> Iterator[range]:
    """Yield ranges of lines: each of one fiscal year, and of at most as many rows as the tool accepts."""
    rows, lines, group, _ = stretch
    years = [lines]
    if export.profile.rules.fiscal_year and lines:
        years = list(by_year(lines, day_of(export, rows), export.year_start(group)))
    most = export.profile.max_rows
    for year in years:
        yield from by_rows(year, most) if most and year else [year]


def _stage_as_many_as_fit(
    export: Export, part: RowsOfFile, names: FileNames, statements: StatementNumbers, batch: int, number: int
) -> StagedFile:
    """Stage a file of the part's rows, or of fewer rows if the file would become too large."""
    end, part = part.lines.stop, _of_possible_entries(export, part)
    while True:
        try:
            return _stage(export, _closed(export, part, end), names, statements, batch, number)
        except FileLimitReached as full:
            if not full.fits:
                raise
            part = part._replace(lines=part.lines[: full.fits])


def _of_possible_entries(export: Export, part: RowsOfFile) -> RowsOfFile:
    """Return the part, or its first rows alone, if all of them make more entries than the format has in a file.

    Only long parts are counted: a row rarely makes two entries, and the format itself refuses too many. Rendering a
    file to find its end would take several times as long.
    """
    most, lines = export.profile.kind.max_entries, part.lines
    ledger = next(iter(export.ledgers(part.group).values()), None)
    if not most or len(lines) <= most // 2 or not ledger:
        return part
    lines = lines[:most]  # each makes at least one
    numbers = map(ledger.count, map(export.journal.reader(_FOR_COUNTING), part.rows.bodies(lines)))
    fits = bisect_right(list(accumulate(numbers)), most) or 1  # the format refuses a row that alone makes too many
    return part if fits == len(part.lines) else part._replace(lines=lines[:fits])


def _closed(export: Export, part: RowsOfFile, end: int) -> RowsOfFile:
    """Return the part with the balance after its last row, if that is known before the file is written."""
    opening, streams = part.span.opening, export.profile.rules.max_bytes and not export.profile.kind.states_balances
    if opening is None or streams or part.lines.stop == end == part.rows.lines.stop:
        return part
    return part._replace(span=part.span.between(opening, opening + part.rows.total(part.lines)))


def _stage(
    export: Export, part: RowsOfFile, names: FileNames, statements: StatementNumbers, batch: int, number: int
) -> StagedFile:
    """Render and check one file, and write it under a temporary name."""
    rows, lines, group, span = part
    local, limit = export.destinations.local is not None, export.profile.rules.max_bytes
    writer = PayloadWriter(group.account.currency, limit, streams=not export.profile.kind.states_balances)
    transactions = map(export.reader, rows.bodies(lines))
    content = statement(export, part, statements, writer.count(transactions))
    path, token = _path(export, group, names, content, batch, number), export.token()
    # Closed here, so that the private files of a format are removed also if the file cannot be written.
    try:
        with closing(writer.write(export.profile.render(content))) as pieces:
            if local:
                disk.stage(path, staging_key(batch, token), pieces)
            else:
                deque(pieces, maxlen=0)  # only the book stores the bytes until the other destinations have them
    except BaseException:
        writer.discard()
        raise
    payload = writer.finish()
    if span.opening is not None and limit:
        span = span.between(span.opening, span.opening + payload.sum_in + payload.sum_out)
    return StagedFile(batch, token, group, path, local, lines[: payload.rows], span, payload, content)


def _emptied(
    export: Export,
    last: RowsOfFile,
    names: FileNames,
    statements: StatementNumbers,
    numbers: Iterator[int],
    number: int,
) -> Iterator[StagedFile]:
    """Yield files without rows in the places of those that an earlier export of the period had beyond its last."""
    span = last.span.between(last.span.closing, last.span.closing)
    rest = last._replace(lines=last.lines[len(last.lines) :], span=span)
    while _is_left_over(export, rest, names, statements, number + 1):
        number += 1
        file = _stage(export, rest, names, statements, next(numbers), number)
        statements.take(file.statement)
        yield file


def _is_left_over(
    export: Export, rest: RowsOfFile, names: FileNames, statements: StatementNumbers, number: int
) -> bool:
    """Return whether there is a file of this name with rows, as an earlier export of the period has written it."""
    if not isinstance(export.selection, Period) or export.destinations.local is None:
        return False
    path = _period_path(export, rest.group, names, statement(export, rest, statements, iter(())), number)
    if not path.is_file():
        return False
    wanted = (path.name, disk.sha256_of(path), export.profile.name, rest.group.account.id, str(export.selection))
    facts = (
        (one.rows, (one.name, one.sha256, one.profile, one.account, one.selection)) for one in export.batches.all()
    )
    rows = [count for count, found in facts if found == wanted]
    return bool(rows) and rows[-1] > 0


def _check_closing(stretch: RowsOfFile, moved: int) -> None:
    span, account = stretch.span, stretch.group.account
    if span.proven and span.closing is not None and (span.opening or 0) + moved != span.closing:
        raise NotProven(f"{account.name}: the rows do not lead to the closing balance.", "Run “primanota check”.")


def _path(export: Export, group: AccountGroup, names: FileNames, content: Statement, batch: int, number: int) -> Path:
    if not isinstance(export.selection, Period):
        return names.free_path(content, batch, number)
    path = _period_path(export, group, names, content, number)
    if export.destinations.local is not None and not path.is_dir():
        require_replaceable(path, disk.sha256_of(path), export.batches.next_number(), export.batches)
    return path


def _period_path(export: Export, group: AccountGroup, names: FileNames, content: Statement, number: int) -> Path:
    first, last = fiscal_year(content.last, export.year_start(group))
    period = export.selection
    assert isinstance(period, Period)  # noqa: S101 - for the type checker
    whole = group.every and period.first <= first and last <= period.last
    return names.path(content, period.name, number, whole=whole)


def _replaces_older_file(
    export: Export, group: AccountGroup, rows: SelectedRows, span: Span, names: FileNames
) -> bool:
    """Return whether an older file of the period exists, which an empty export must replace."""
    if not isinstance(export.selection, Period) or export.destinations.local is None:
        return False
    part = RowsOfFile(rows, range(0), group, span)
    empty = statement(export, part, StatementNumbers(export, group.account), iter(()))
    return _path(export, group, names, empty, 0, 1).exists()
