"""``primanota export``: write the file that the accounting tool imports."""

from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import click

from primanota import profiles
from primanota.app.exporting.export import Preview, preview
from primanota.app.exporting.notices import of_repeats
from primanota.app.exporting.selection import choose_accounts
from primanota.app.running import views
from primanota.app.running.run import execute_run
from primanota.app.running.run_report import RunReport
from primanota.app.running.run_request import RunRequest
from primanota.app.running.views import FileView
from primanota.app.workspace import Workspace
from primanota.book import Batches, Book
from primanota.cli import texts
from primanota.cli.options import selection as selection_options
from primanota.cli.options.accounts import accounts_option
from primanota.cli.options.completions import items, profile_names
from primanota.cli.options.context import CommonOptions, common_options
from primanota.cli.options.groups import option_group
from primanota.cli.options.selection import SelectionOptions
from primanota.cli.results.account_table import AccountLine, account_table, columns_of_files
from primanota.cli.terminal import output
from primanota.cli.terminal.cell_words import selection_text
from primanota.cli.terminal.tables import TableColumn, money_of
from primanota.cli.texts.language import Writing, on_stderr, on_stdout
from primanota.core.errors import DeliveryFailed, InvalidInput
from primanota.core.model import Account, TextChanges
from primanota.core.period import Period
from primanota.core.selection import New, Selection
from primanota.export.select import Export, account_groups
from primanota.profiles import Profile

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class ProfileName(click.ParamType[str]):
    """The name of a profile, another name of its tool, or a file; completed by the shell."""

    name = "profile"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002 - click's signature
        """Return the name of the profile that is meant."""
        return profiles.canonical(value)

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002 - click's signature
        incomplete: str,
    ) -> list["CompletionItem[str]"]:
        """Return the profiles that begin with what was typed."""
        return items(profile_names, ctx, incomplete)


class FileOptions(NamedTuple):
    """Options of an export: accounts, destinations, unproven accounts, repeated rows."""

    wanted: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    allow_unproven: bool = False
    refuse_repeats: bool = False

    def request(
        self, workspace: Workspace, tool: Profile, options: SelectionOptions, *, reads_bank: bool, run_key: str = ""
    ) -> RunRequest:
        """Return the request of a run with these options."""
        return RunRequest(
            tool,
            lambda book: options.resolve(workspace, book, tool, self.wanted),
            workspace.destinations(self.to, takes_output=not reads_bank),
            run_key,
            wanted=self.wanted,
            allow_unproven=self.allow_unproven,
            refuse_repeats=self.refuse_repeats,
            reads_bank=reads_bank,
        )


_PLACES = "A folder, one file, s3://BUCKET/PREFIX/, or mailto:ADDRESS. May be given more than once."
file_options = option_group(
    "files",
    FileOptions,
    {
        "wanted": accounts_option,
        "to": click.option("--to", multiple=True, metavar="PLACE", help=_PLACES),
        "allow_unproven": click.option(
            "--allow-unproven", is_flag=True, help="Write even what is not proven complete."
        ),
        "refuse_repeats": click.option(
            "--refuse-repeats", is_flag=True, help="Refuse rows of a period that were exported before."
        ),
    },
)


@click.command()
@click.argument("profile", type=ProfileName())
@selection_options.options
@file_options
@click.option("--dry-run", is_flag=True, help="Show the rows; write and record nothing.")
@common_options
def export(
    *, profile: str, options: SelectionOptions, files: FileOptions, dry_run: bool, common: CommonOptions
) -> None:
    """Write an accounting tool's file.

    One file per account: the rows that settled in a period, those that no file has had yet (--new), or those that
    changed since (--changed). Each file is a batch: the book remembers which rows it has.

    Reads the book only; run “primanota sync” first. PROFILE is a name of “primanota profiles”, or a .toml path.

    Example: primanota export lexware --new
    """
    tool = profiles.load(profile)
    workspace = common.workspace()
    if dry_run:
        _dry_run(workspace, tool, options, files, common)
        return
    request = files.request(workspace, tool, options, reads_bank=False)
    if request.destinations.output and common.as_json:
        raise InvalidInput("“--to -” and --json both write to standard output.", "Leave one of them out.")
    report = execute_run(workspace, request)
    print_notes(report, verbose=common.verbose)
    if request.destinations.output:
        _write_to_output(workspace, report)
    elif report.selection and not report.ended_early:
        if common.as_json:
            failure = [views.error_view(report.failure)] if report.failure else []
            shown = views.joined({"organisation": workspace.login}, views.export_view(tool.name, report), *failure)
            output.as_json(shown)
        else:
            print_report(tool, report)
    report.raise_if_failed()


def _write_to_output(workspace: Workspace, report: RunReport) -> None:
    """Write the file to standard output, byte for byte as the book has it.

    Raises:
        DeliveryFailed: it cannot be written.
    """
    for number in [batch.number for one in report.exports for batch in one.batches]:
        content = workspace.transaction(partial(_content, number=number))
        try:
            output.whole_file(content)
        except (output.OutputFailed, BrokenPipeError) as error:
            again = f"“primanota batches again {number} --to FILE” writes it."
            message = f"Batch {number} was not written whole: {getattr(error, 'message', 'the output was closed.')}"
            raise DeliveryFailed(message, f"Its rows count as exported: {again}") from None
    if not report.rows and not report.failure:
        output.note(_nothing(report.selection, on_stderr()))


def _content(book: Book, number: int) -> bytes:
    batches = Batches(book)
    return batches.content(batches.one(number))


def print_notes(report: RunReport, *, verbose: bool) -> None:
    """Print notes for the user before the import, on stderr."""
    for one in (*(batch.notice for batch in report.recovered), *report.notes):
        output.notice(one)
    _print_text_changes([found for one in report.exports for found in one.text_changes.values()], verbose=verbose)
    for error in report.unsent:
        output.note(texts.weekly().export.mail_waits.format(reason=error.message))


def print_report(tool: Profile, report: RunReport) -> None:
    """Print each file with its rows, money in and out, balances at both ends, and destinations."""
    words, writing = texts.weekly().export, on_stdout()
    selected = selection_text(report.selection, writing) if report.selection else ""
    output.result(words.title.format(tool=tool.title, selection=selected))
    files = [view for one in report.exports for view in views.file_views(one)]
    state = TableColumn(texts.tables().heading.proven)
    account_table(_columns(state), map(_line, files), state=state, empty=texts.tables().without_rows_to_export)
    recovered = [one.batch.path for one in report.recovered if one.in_place]
    for path in recovered:
        output.result(words.recovered.format(place=path))
    for file in files:
        for delivery in file.deliveries:
            written = words.written if delivery.delivered else words.waits
            output.result(writing.counted(written, file.rows, place=delivery.destination))
    if not report.rows and not recovered:
        output.result(_nothing(report.selection, writing))


def _columns(state: TableColumn) -> tuple[TableColumn, ...]:
    return (*columns_of_files(state), TableColumn(texts.tables().heading.batch, "number"))


def _nothing(selection: Selection | None, writing: Writing) -> str:
    """Return why there is nothing to import, in a sentence."""
    words = texts.weekly().export
    match selection:
        case New(since=since, end=end) if end:
            return words.nothing_new_before.format(day=writing.day(since), end=writing.day(end))
        case New(since=since):
            return words.nothing_new.format(day=writing.day(since))
        case Period(first=first, last=last) if first == last:
            return words.nothing_on_day.format(day=writing.day(first))
        case Period(first=first, last=last):
            return words.nothing_in_period.format(first=writing.day(first), last=writing.day(last))
    return words.nothing_changed


class Previews(NamedTuple):
    """What an export would write: the selection, and the cells of each account's file."""

    selection: Selection
    found: list[tuple[Account, Preview]]

    @classmethod
    def of(
        cls, workspace: Workspace, book: Book, tool: Profile, options: SelectionOptions, files: FileOptions
    ) -> "Previews":
        """Return what an export with these options would write; nothing is written or recorded."""
        journal = workspace.journal(book)
        selection = options.resolve(workspace, book, tool, files.wanted, fixes_day=False)
        request = Export(journal, tool, selection, workspace.ledgers())
        groups = account_groups(request, choose_accounts(journal.accounts(), files.wanted))
        unproven = files.allow_unproven
        return cls(selection, [(one.account, preview(request, one, allow_unproven=unproven)) for one in groups])

    @property
    def data(self) -> dict[str, object]:
        """Return the cells by account, for ``--json``."""
        return {account.name: shown.cells for account, shown in self.found}

    def note(self, *, verbose: bool) -> None:
        """Tell on stderr of rows that were exported before, and of texts that would change."""
        for account, shown in self.found:
            for one in of_repeats(account, shown.already_exported):
                output.notice(one)
        _print_text_changes([shown.text_changes for _, shown in self.found], verbose=verbose)

    def print(self) -> None:
        """Print the cells of each account's file as a table."""
        for account, shown in self.found:
            headings, *rows = shown.cells
            writing = on_stdout()
            selected = selection_text(self.selection, writing)
            head = texts.weekly().export.preview
            output.result(writing.counted(head, len(rows), account=account.name, selection=selected))
            if rows:
                output.table(headings, rows)


def _dry_run(
    workspace: Workspace, tool: Profile, options: SelectionOptions, files: FileOptions, common: CommonOptions
) -> None:
    previews = workspace.transaction(lambda book: Previews.of(workspace, book, tool, options, files))
    previews.note(verbose=common.verbose)
    if common.as_json:
        output.as_json({"rows": previews.data})
    else:
        previews.print()


def _print_text_changes(changes: Sequence[TextChanges], *, verbose: bool) -> None:
    """Print the texts that were changed to fit the files; without ``verbose`` their number."""
    number = sum(map(len, changes))
    if number and not verbose:
        output.note(on_stderr().counted(texts.weekly().export.changed_texts, number))
    for text in chain.from_iterable(changes) if verbose else ():
        changed = texts.weekly().export.changed_text
        output.note(changed.format(id=text.id, field=text.field, before=text.before, after=text.after))


def _line(file: FileView) -> AccountLine:
    amounts = (file.sum_in_cents, file.sum_out_cents, file.opening_cents, file.closing_cents)
    shown = (money_of(one, file.currency) for one in amounts)
    values = (str(file.rows), *shown, str(file.batch or ""))
    return AccountLine(file.account, values, file.proof, is_empty=file.batch is None)
