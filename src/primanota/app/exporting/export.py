"""Export: select, render, check, record and deliver an accounting tool's files, all or nothing."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, suppress
from itertools import count
from typing import NamedTuple

import msgspec

from primanota.adapters.storage import disk
from primanota.book import Batches, SelectedRows
from primanota.core.errors import AlreadyExported, InvalidInput, PrimanotaError
from primanota.core.model import Account, TextChange
from primanota.core.results import AccountExport, Batch, staging_key
from primanota.core.selection import New
from primanota.export.build import StagedFile, build, record, stretches
from primanota.export.delivery import Recovered, deliver, recovering
from primanota.export.filenames import FileNames
from primanota.export.proof import require_read
from primanota.export.select import AccountGroup, Export, account_groups, already_exported, cover, prove_span, select
from primanota.export.statement import StatementNumbers, statement

_READ_FIRST = "Run “primanota sync”, name the other accounts with --account, or export with --allow-unproven."


class Preview(NamedTuple):
    """The result of a dry run: cells, headings first; numbers of rows in earlier batches; changed texts."""

    cells: list[list[str]]
    already_exported: dict[int, int]
    text_changes: list[TextChange]


def export(
    request: Export, accounts: Iterable[Account], *, allow_unproven: bool = False, refuse_repeats: bool = False
) -> tuple[list[AccountExport], list[Recovered]]:
    """Write the files of the accounts, each a batch of its own: all of them, or nothing.

    Every file is computed, checked and recorded before it gets its name. Files on this machine are delivered here,
    those in buckets by ``upload_pending``, and mails by the outbox.

    Args:
        request: the selection of rows, the profile and the destinations.
        accounts: the accounts to export.
        allow_unproven: write even if the balance chain of the rows is broken.
        refuse_repeats: refuse rows of a period that are in an earlier batch.

    Returns:
        The result of each account, and of each interrupted batch of an earlier run that was finished.

    Raises:
        NotProven: rows of the selection are missing or wrong.
        FormatRuleViolated: a row breaks a rule of the tool.
        AlreadyExported: rows are in an earlier batch, with ``refuse_repeats``.
        DeliveryFailed: the target cannot be written.
        BookConflict: another run changed the remote book; nothing was delivered.
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
    """Stage and record the files of all accounts, or nothing.

    ``fresh`` are batches whose files were delivered just now, so they cannot have been imported yet. The other
    arguments are those of ``export``.
    """
    accounts = list(accounts)
    if not allow_unproven:
        require_read(request.journal.book, accounts, _READ_FIRST)
    stager = _Stager(request, fresh, allow_unproven=allow_unproven, refuse_repeats=refuse_repeats)
    with ExitStack() as on_failure:
        with request.journal.book.writing():
            done = stager.stage_all(accounts, on_failure)
        on_failure.pop_all()
        return done


def with_present_batches(batches: Batches, done: AccountExport) -> AccountExport:
    """Return the same result with the present state of its batches and their deliveries."""
    return msgspec.structs.replace(done, batches=tuple(batches.one(batch.number) for batch in done.batches))


def preview(request: Export, group: AccountGroup, *, allow_unproven: bool = False) -> Preview:
    """Return the cells that an export would write, checked like a file, and how many rows earlier batches have.

    Raises:
        NotProven: an account was never read whole, and ``allow_unproven`` is false.
    """
    if not allow_unproven:
        require_read(request.journal.book, group.accounts, _READ_FIRST)
    with request.journal.book.reading(), select(request, group) as rows:
        span = prove_span(request, group, rows, allow_unproven=True)
        found = Preview([], already_exported(request, rows), [])
        numbers = StatementNumbers(request, group.account)
        for part in stretches(request, group, rows, span):
            transactions = map(request.reader, rows.bodies(part.lines))
            shown = statement(request, part, numbers, transactions)
            headings, *cells = request.profile.rows(shown)
            found.cells.extend(cells if found.cells else [headings, *cells])
            found.text_changes.extend(shown.text_changes)
        return found


def _discard_unrecorded(batches: Batches, file: StagedFile) -> None:
    """Remove a staged file, unless its batch is in the book: a commit may have succeeded although it failed."""
    with suppress(PrimanotaError):  # of a book that cannot be read nothing is concluded
        if not any(one.token == file.token and one.number == file.number for one in batches.all()):
            disk.discard(file.path, staging_key(file.number, file.token))


class _Stager:
    """Stages and records the files of an export.

    Args:
        request: the selection of rows, the profile and the destinations.
        fresh: batches whose files were delivered just now, so they cannot have been imported yet.
        allow_unproven: write even if the balance chain is broken.
        refuse_repeats: refuse rows that are in an earlier batch.
    """

    def __init__(
        self, request: Export, fresh: Collection[Batch], *, allow_unproven: bool, refuse_repeats: bool
    ) -> None:
        self._request = request
        self._fresh = fresh
        self._allow_unproven = allow_unproven
        self._refuse_repeats = refuse_repeats

    def stage_all(self, accounts: list[Account], on_failure: ExitStack) -> list[AccountExport]:
        """Stage and record the files of all accounts; inside the book's ``writing``.

        ``on_failure`` gets the removal of each staged file.
        """
        request, batches, done = self._request, self._request.batches, []
        keep = [batch.path for batch in self._fresh if batch.path]
        groups = account_groups(request, accounts)
        if request.destinations.output and len(groups) != 1:
            what = f"Standard output takes one file, and there are {len(groups)} accounts."
            raise InvalidInput(what, "Name one with --account, or a folder with --to.")
        names = FileNames(request.profile, groups, request.destinations.local, keep, request.journal.accounts())
        numbers = count(batches.next_number())
        if isinstance(request.selection, New):
            batches.set_first_new_day(request.profile.name, f"{request.selection.since}")
        newest = request.journal.book.newest_version
        for group in groups:
            with select(request, group) as rows:
                done.append(self._stage_group(group, rows, names, numbers, on_failure))
            cover(request, group, newest)
        return done

    def _stage_group(
        self, group: AccountGroup, rows: SelectedRows, names: FileNames, numbers: Iterator[int], on_failure: ExitStack
    ) -> AccountExport:
        account = group.account
        span = prove_span(self._request, group, rows, allow_unproven=self._allow_unproven)
        if same := self._already_done(account, rows):
            return AccountExport(account=account, span=span, batches=same)
        result = AccountExport(account=account, span=span, already_exported=already_exported(self._request, rows))
        if result.already_exported and self._refuse_repeats:
            raise AlreadyExported(
                result.already_exported_note, "Leave --refuse-repeats out, use --new, or undo that batch."
            )
        batches, changes = [], {}
        for file in build(self._request, group, rows, span, names, numbers):
            if file.local:
                on_failure.callback(_discard_unrecorded, self._request.batches, file)
            batches.append(record(self._request, file, rows))
            changes[file.number] = file.text_changes
        return msgspec.structs.replace(result, batches=tuple(batches), text_changes=changes)

    def _already_done(self, account: Account, rows: SelectedRows) -> tuple[Batch, ...]:
        """Return the batches of the same rows of an interrupted export or an earlier attempt of this run, if any."""
        request, found, rest = self._request, list[Batch](), rows.lines
        wanted = (account.id, request.profile.digest, str(request.selection))
        for batch in (*self._fresh, *request.batches.of_run(request.run_key)):
            made, lines = (batch.account, batch.digest, batch.selection), rest[: batch.rows]
            if made == wanted and batch not in found and batch.rows_sha256 == rows.digest(lines):
                found.append(batch)
                rest = rest[batch.rows :]
        return tuple(found) if not rest else ()
