"""A file before it is written: the bank's row beside the tool's line, for the first rows of each account."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

import msgspec

from primanota.core.errors import FormatRuleViolated, PrimanotaError
from primanota.core.model import Account, Statement, TextChange, Transaction
from primanota.export.build import stretches
from primanota.export.select import AccountGroup, Export, account_groups, prove_span, select
from primanota.export.statement import StatementNumbers, statement


class PairedLine(NamedTuple):
    """A row of the bank and the cells of its lines in the file; ``changes`` are texts that did not fit unchanged."""

    row: Transaction
    lines: list[list[str]]
    changes: list[TextChange]


class PairedFile(NamedTuple):
    """The beginning of an account's file; ``rows`` is the number of all its rows.

    ``broken`` is the error of a rule of the tool that a row breaks, so that no file would be written; None if all
    rules hold for the rows that are shown.
    """

    account: Account
    headings: list[str]
    pairs: list[PairedLine]
    rows: int
    broken: PrimanotaError | None


def paired_files(request: Export, accounts: Sequence[Account], most: int) -> Iterator[PairedFile]:
    """Yield what an export would write of each account that has rows: at most so many rows of it."""
    for group in account_groups(request, accounts):
        if found := _paired(request, group, most):
            yield found


def _paired(request: Export, group: AccountGroup, most: int) -> PairedFile | None:
    with select(request, group) as rows:
        if not rows:
            return None
        span = prove_span(request, group, rows, allow_unproven=True)
        part = stretches(request, group, rows, span)[0]
        part = part._replace(lines=part.lines[:most])
        read = map(request.journal.reader(), rows.bodies(part.lines))
        numbers = StatementNumbers(request, group.account)
        shown = statement(request, part, numbers, list(read))
        pairs, broken = _pairs(request, shown)
        return PairedFile(group.account, request.profile.headings, pairs, len(rows), broken)


def _pairs(request: Export, shown: Statement) -> tuple[list[PairedLine], PrimanotaError | None]:
    """Return each row with its cells; also those of rows that break a rule of the tool."""
    rows, profile = list(shown.rows), request.profile
    try:
        _, *cells = profile.rows(shown)
    except FormatRuleViolated as error:
        lines = [[[text for _, text in profile.shown(row)]] for row in rows]
        return [PairedLine(row, line, []) for row, line in zip(rows, lines, strict=True)], error
    changes = [*shown.text_changes]
    lines = (
        [[line] for line in cells] if len(cells) == len(rows) else [[*_alone(request, shown, row)] for row in rows]
    )
    of_row = {row.id: [one for one in changes if one.id == row.id] for row in rows}
    return [PairedLine(row, line, of_row[row.id]) for row, line in zip(rows, lines, strict=True)], None


def _alone(request: Export, shown: Statement, row: Transaction) -> Iterator[list[str]]:
    """Yield the lines of one row, where a row may have several."""
    with suppress(FormatRuleViolated):
        _, *lines = request.profile.rows(msgspec.structs.replace(shown, rows=[row]))
        yield from lines
