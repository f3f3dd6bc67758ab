"""Export: select, render, check, record and deliver an accounting tool's files; all of an export, or none of it."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from itertools import count
from typing import NamedTuple

import msgspec

from primanota.adapters.storage import disk
from primanota.book import Batches, SelectedRows
from primanota.core.errors import AlreadyExported
from primanota.core.model import Account, TextChange
from primanota.core.results import AccountExport, Batch
from primanota.core.selection import New
from primanota.export.build import build, record, staging_mark, statement
from primanota.export.delivery import Recovered, deliver, recovering
from primanota.export.filenames import FileNames
from primanota.export.select import Export, already_exported, prove_span, select


class Preview(NamedTuple):
    """What an export would write: cells, headings first; rows that earlier batches have, by batch; changed texts."""

    cells: list[list[str]]
    already_exported: dict[int, int]
    text_changes: list[TextChange]


def export(
    request: Export, accounts: Iterable[Account], *, allow_unproven: bool = False, refuse_repeats: bool = False
) -> tuple[list[AccountExport], list[Recovered]]:
    """Write one file per account, each a batch of its own: all of them, or none.

    Every file is computed, checked and recorded before it gets its name. Files go to this machine at once; to buckets
    by ``upload_pending`` and to people by mail.

    Args:
        request: which rows, for which tool, to where.
        accounts: whose rows.
        allow_unproven: write also where the balance chain of the rows is broken.
        refuse_repeats: refuse where rows of a period are in an earlier batch.

    Returns:
        What was written for each account, and what became of each batch that an earlier run left interrupted.

    Raises:
        NotProven: rows of the selection are missing or wrong.
        FormatRuleViolated: a row breaks a rule of the tool.
        AlreadyExported: rows are in an earlier batch, with ``refuse_repeats``.
        DeliveryFailed: the target cannot be written.
        BookConflict: another run changed the book where it lives; nothing was delivered.
    """
    book = request.journal.book
    with book.run(f"export {request.profile.name} ({request.selection})"), recovering(book) as recovered:
        fresh = [one.batch for one in recovered if one.in_place]
        done = stage(request, accounts, fresh, allow_unproven=allow_unproven, refuse_repeats=refuse_repeats)
        deliver(book, [batch.number for one in done for batch in one.batches])
        return [with_present_batches(request.batches, one) for one in done], recovered


def stage(
    request: Export,
    accounts: Iterable[Account],
    fresh: Collection[Batch] = (),
    *,
    allow_unproven: bool = False,
    refuse_repeats: bool = False,
) -> list[AccountExport]:
    """Decide everything of an export: stage and record the files of all accounts, or of none.

    ``fresh`` are batches whose files have just got their names, so that they cannot have been imported yet. The rest
    is as for ``export``.
    """
    stager = _Stager(request, fresh, allow_unproven=allow_unproven, refuse_repeats=refuse_repeats)
    with request.journal.book.writing():
        return stager.stage_all(list(accounts))


def with_present_batches(batches: Batches, done: AccountExport) -> AccountExport:
    """Return the same result with its batches as they are now, their deliveries included."""
    return msgspec.structs.replace(done, batches=tuple(batches.one(batch.number) for batch in done.batches))


def preview(request: Export, account: Account) -> Preview:
    """Return the cells that an export would write, checked like a file, and which rows earlier batches have."""
    with request.journal.book.reading(), select(request, account) as rows:
        span = prove_span(request, account, rows, allow_unproven=True)
        transactions = map(request.journal.reader(request.profile.fields), rows.bodies(rows.lines))
        shown = statement(request, account, rows, rows.lines, span, transactions)
        return Preview(list(request.profile.rows(shown)), already_exported(request, rows), shown.text_changes)


class _Stager:
    """Stages and records the files of an export.

    Args:
        request: which rows, for which tool, to where.
        fresh: batches whose files have just got their names, so that they cannot have been imported yet.
        allow_unproven: write also where the balance chain is broken.
        refuse_repeats: refuse rows that earlier batches have.
    """

    def __init__(
        self, request: Export, fresh: Collection[Batch], *, allow_unproven: bool, refuse_repeats: bool
    ) -> None:
        self._request = request
        self._fresh = fresh
        self._allow_unproven = allow_unproven
        self._refuse_repeats = refuse_repeats

    def stage_all(self, accounts: list[Account]) -> list[AccountExport]:
        """Stage and record the files of all accounts, or of none; inside the book's ``writing``."""
        request, batches, done = self._request, self._request.batches, []
        keep = [batch.path for batch in self._fresh if batch.path]
        names = FileNames(request.profile, accounts, request.destinations.local, keep)
        numbers = count(batches.next_number())
        if isinstance(request.selection, New):
            batches.set_first_new_day(request.profile.name, f"{request.selection.since}")
        with ExitStack() as unless_all:
            for account in accounts:
                with select(request, account) as rows:
                    done.append(self._stage_account(account, rows, names, numbers, unless_all))
            unless_all.pop_all()
        return done

    def _stage_account(
        self, account: Account, rows: SelectedRows, names: FileNames, numbers: Iterator[int], unless_all: ExitStack
    ) -> AccountExport:
        span = prove_span(self._request, account, rows, allow_unproven=self._allow_unproven)
        if same := self._already_done(account, rows):
            return AccountExport(account=account, span=span, batches=(same,))
        result = AccountExport(account=account, span=span, already_exported=already_exported(self._request, rows))
        if result.already_exported and self._refuse_repeats:
            raise AlreadyExported(
                result.already_exported_note, "Leave --refuse-repeats out, use --new, or undo that batch."
            )
        batches, changes = [], {}
        for file in build(self._request, account, rows, span, names, numbers):
            if file.local:
                unless_all.callback(disk.discard, file.path, staging_mark(file.number))
            batches.append(record(self._request, file, rows))
            changes[file.number] = file.text_changes
        return msgspec.structs.replace(result, batches=tuple(batches), text_changes=changes)

    def _already_done(self, account: Account, rows: SelectedRows) -> Batch | None:
        """Return the batch of the same rows that an interrupted export, or an earlier attempt of this run, made."""
        request = self._request
        asked = (account.id, request.profile.digest, str(request.selection))
        for batch in (*self._fresh, *request.batches.of_run(request.run_key)):
            made = (batch.account, batch.digest, batch.selection)
            if made == asked and batch.rows_sha256 == rows.digest(rows.lines):
                return batch
        return None
