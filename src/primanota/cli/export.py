"""``primanota export``: the file that the accounting tool imports."""

from datetime import date, timedelta
from typing import NamedTuple

import click

from primanota import profiles
from primanota.app import flow
from primanota.app.notify import RunReport
from primanota.app.run import RunRequest, execute_run
from primanota.app.workspace import Workspace, choose
from primanota.book import Book
from primanota.cli import output, selection_options
from primanota.cli.context import CommonOptions, common_options
from primanota.cli.option_groups import option_group
from primanota.cli.selection_options import SelectionOptions
from primanota.core.model import TextChange
from primanota.core.period import Period
from primanota.core.selection import Changed, New, Selection
from primanota.export.exported import Exported, told_before
from primanota.profiles import Profile


class ProfileName(click.ParamType[str]):
    """The name of a profile, completed by the shell."""

    name = "profile"

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        param: click.Parameter,  # noqa: ARG002 - the same
        incomplete: str,
    ) -> list["click.shell_completion.CompletionItem"]:
        """The profiles that begin so."""
        return [
            click.shell_completion.CompletionItem(name) for name in profiles.names() if name.startswith(incomplete)
        ]


class Delivery(NamedTuple):
    """Which accounts' files, where to, whether even without proof, and whether never twice."""

    wanted: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    unproven: bool = False
    strict: bool = False

    def job(
        self, session: Workspace, tool: Profile, asked: SelectionOptions, *, reads: bool, occasion: str = ""
    ) -> RunRequest:
        """What is to be done, for one organisation."""
        to = session.bound(self.to, occasion)
        return RunRequest(
            tool,
            lambda book: asked.resolve(session, book, tool),
            to,
            wanted=self.wanted,
            unproven=self.unproven,
            strict=self.strict,
            reads=reads,
        )


_PLACES = "A folder, one file, s3://BUCKET/PREFIX/, or mailto:ADDRESS. May be given more than once."
_ACCOUNTS = "One account: name, IBAN, its last four characters, or id. May be given more than once."
delivery = option_group(
    "files",
    Delivery,
    {
        "wanted": click.option("--account", "wanted", multiple=True, metavar="A", help=_ACCOUNTS),
        "to": click.option("--to", multiple=True, metavar="PLACE", help=_PLACES),
        "unproven": click.option("--unproven", is_flag=True, help="Write even where the balance chain is broken."),
        "strict": click.option("--strict", is_flag=True, help="Refuse rows of a period that have left already."),
    },
)


@click.command()
@click.argument("profile", type=ProfileName())
@selection_options.options
@delivery
@click.option("--dry-run", is_flag=True, help="Show the rows; write and record nothing.")
@common_options
def export(*, profile: str, asked: SelectionOptions, files: Delivery, dry_run: bool, door: CommonOptions) -> None:
    """Write an accounting tool's file.

    One file per account: the rows that settled in a period, those that no file has had yet (--new), or those that
    changed since (--changed). Each file is a batch: the book remembers which rows left in it.

    Reads the book only; run “primanota sync” first. PROFILE is a name of “primanota profiles”, or a .toml of yours.

    Example: primanota export lexware --new
    """
    tool = profiles.load(profile)
    session = door.session()
    if dry_run:
        with session.book() as book:
            _preview(session, book, tool, asked.resolve(session, book, tool), files, door)
        return
    told = execute_run(session, files.job(session, tool, asked, reads=False))
    note(told, verbose=door.verbose)
    if told.selection and not told.ended:
        if door.as_json:
            output.as_json(
                {"organisation": session.login, **exported_data(tool, told), **output.failure(told.failure)}
            )
        else:
            print_report(tool, told)
    told.insist()


def note(told: RunReport, *, verbose: bool) -> None:
    """What a person should know before importing, on stderr."""
    for sentence in (*(one.told for one in told.settled), *told.notes):
        output.note(sentence)
    _tell_text_changes([text for one in told.files for text in one.text_changes], verbose=verbose)
    for error in told.unsent:
        output.note(f"The mail waits for the next run: {error.message}")


def exported_data(tool: Profile, told: RunReport) -> dict[str, object]:
    """What machines read of an export. Cents."""
    since, until = _days(told.selection)
    return {
        "profile": tool.name,
        "selection": str(told.selection),
        "since": since,
        "until": until,
        "files": [_summary(file) for file in told.files],
        "settled": [str(one.path) for one in told.settled if one.here],
        "unsent": [error.message for error in told.unsent],
    }


def print_report(tool: Profile, told: RunReport) -> None:
    """Say where the files are, how many rows, what came in and went out, and the balances at both ends."""
    output.result(f"{tool.title}: {told.selection}")
    headings = ("Account", "Rows", "In", "Out", "Opening", "Closing", "Proven", "Batch")
    output.table(headings, map(_row, told.files), right=(1, 2, 3, 4, 5, 7))
    settled = [one.path for one in told.settled if one.here]
    for path in settled:
        output.result(f"Written by an interrupted export: {path}")
    for file in told.files:
        if file.path:
            output.result(f"Written: {file.path} ({output.rows(file.rows)})")
        for place in file.copies:
            arrived = "Waits for" if (file.batch, place) in told.waiting else "Written"
            output.result(f"{arrived}: {place} ({output.rows(file.rows)})")
    if not any(file.rows for file in told.files) and not settled:
        output.result(f"{_nothing(told.selection)}: there is nothing to import.")


def _nothing(selection: Selection | None) -> str:
    match selection:
        case New():
            return f"Nothing is {selection}"
        case Changed():
            return "Nothing changed since it was exported"
    return f"Nothing settled in this period ({selection})"


def _days(selection: Selection | None) -> tuple[date | None, date | None]:
    match selection:
        case New(since=since, end=end):
            return since, end and end - timedelta(1)
        case Period(first=first, last=last):
            return first, last
    return None, None


def _preview(
    session: Workspace, book: Book, tool: Profile, selection: Selection, files: Delivery, door: CommonOptions
) -> None:
    zone, ledger = session.zone(book), session.ledger()
    chosen = choose(flow.accounts(book), files.wanted)
    found = {one: flow.preview(book, tool, selection, zone, one, ledger) for one in chosen}
    for account, preview in found.items():
        if preview.before:
            output.note(told_before(Exported(account, before=preview.before)))
    _tell_text_changes([text for preview in found.values() for text in preview.text_changes], verbose=door.verbose)
    if door.as_json:
        output.as_json({"rows": {one.name: preview.cells for one, preview in found.items()}})
        return
    for account, preview in found.items():
        headings, *rows = preview.cells
        output.result(f"{account.name}, {selection}: {output.rows(len(rows))}, nothing written")
        if rows:
            output.table(headings, rows)


def _tell_text_changes(text_changes: list[TextChange], *, verbose: bool) -> None:
    """Texts that a file could not hold as they were: never silently."""
    if text_changes and not verbose:
        many = "1 text was" if len(text_changes) == 1 else f"{len(text_changes)} texts were"
        output.note(f"{many} changed to fit the file: -v shows each.")
    for text in text_changes if verbose else ():
        output.note(f"{text.id}, {text.field}: “{text.before}” became “{text.after}”.")


def _row(done: Exported) -> tuple[str, ...]:
    amounts = (output.money(cents) for cents in (done.sum_in, done.sum_out, done.opening, done.closing))
    return done.account.name, str(done.rows), *amounts, output.verdict(done.proven), str(done.batch or "")


def _summary(done: Exported) -> dict[str, object]:
    return {
        "account": done.account.name,
        "iban": done.account.iban,
        "path": str(done.path) if done.path else None,
        "copies": done.copies,
        "batch": done.batch,
        "rows": done.rows,
        "sum_in_cents": done.sum_in,
        "sum_out_cents": done.sum_out,
        "opening_cents": done.opening,
        "closing_cents": done.closing,
        "proven": done.proven,
        "text_changes": done.text_changes,
        "left_out": done.left_out,
        "left_before": [{"batch": number, "rows": count} for number, count in done.before.items()],
    }
