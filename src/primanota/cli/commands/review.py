"""``primanota review``: show rows that the user should look at, put findings away, and take that back."""

from collections.abc import Iterable
from datetime import tzinfo
from typing import NamedTuple

import click

from primanota.app.receipts.kept_files import differences
from primanota.app.reviewing import accept_findings
from primanota.app.reviewing.review import Review, short_ids
from primanota.app.running import views
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.cli import texts
from primanota.cli.options import period as period_options
from primanota.cli.options.completions import ACCEPTED_ROW, FOUND_ROW
from primanota.cli.options.context import CommonOptions, common_options
from primanota.cli.options.listing_group import ListingGroup
from primanota.cli.options.period import PeriodOptions
from primanota.cli.results.findings import SOME, print_accepted, print_findings, print_named
from primanota.cli.terminal import output
from primanota.cli.terminal.progress import bar
from primanota.core.errors import NotProven, PrimanotaError
from primanota.core.notice import Notice
from primanota.core.period import Period
from primanota.core.results import KINDS, Finding, Findings
from primanota.export.proof import require_read


@click.group(cls=ListingGroup, takes="accept", invoke_without_command=True)
@period_options.options
@click.option("--accepted", is_flag=True, help="What was put away instead, with day and note.")
@common_options
@click.pass_context
def review(ctx: click.Context, *, options: PeriodOptions, accepted: bool, common: CommonOptions) -> None:
    """Show what a person should look at.

    What is pending, declined, reversed or vanished, what changed after it was exported, and what this version does
    not know: of a period, or everything. What is new since the last run comes first, and is marked. Rows without a
    receipt or a VAT rate are counted; --verbose shows them, too.

    Example: primanota review --period last-month
    """
    if ctx.invoked_subcommand:
        return
    workspace = common.workspace()
    shown = workspace.transaction(lambda book: _review(workspace, book, options, common, accepted=accepted))
    if accepted and not common.as_json:
        print_accepted(shown.findings, shown.zone)
    elif not common.as_json:
        whole = not shown.unread
        print_findings(shown.findings, shown.zone, shown.days, verbose=common.verbose, whole=whole, common=common)
    for one in shown.notes:
        output.notice(one)
    if shown.unread:
        raise shown.unread


@review.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...", type=FOUND_ROW)
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only findings of this kind. May be repeated."
)
@click.option("--note", metavar="TEXT", default="", help="Why, for whoever asks later.")
@common_options
def accept(*, ids: tuple[str, ...], kinds: tuple[str, ...], note: str, common: CommonOptions) -> None:
    """Put findings away.

    A row is not shown again until it is another case: until a pending one is declined, or a changed one changes
    again. The first letters of an ID are enough where they are clear. Of a row that lacks a receipt or a VAT rate,
    too, that is put away only if it has no other finding, or with --kind.

    Example: primanota review accept 3f1c9a5 --note "the supplier repeats it"
    """
    workspace = common.workspace()

    def work(book: Book) -> Findings:
        journal = workspace.journal(book)
        today, ledgers = workspace.today(journal), workspace.ledgers()
        return _named(book, accept_findings.accept(journal, ids, today, ledgers, kinds=kinds, note=note))

    _print_done("accepted", texts.review().accepted, workspace.transaction(work), workspace, common)


@review.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...", type=ACCEPTED_ROW)
@common_options
def reopen(*, ids: tuple[str, ...], common: CommonOptions) -> None:
    """Take back that findings were put away.

    They are shown again. The first letters of an ID are enough where they are clear.

    Example: primanota review reopen 3f1c9a5
    """
    workspace = common.workspace()

    def work(book: Book) -> Findings:
        journal = workspace.journal(book)
        found = accept_findings.reopen(journal, ids, workspace.today(journal), workspace.ledgers())
        return _named(book, found)

    _print_done("reopened", texts.review().reopened, workspace.transaction(work), workspace, common)


class _Reviewed(NamedTuple):
    """What was found in a period or in everything, and the error if an account was never read whole.

    ``notes`` are balances of the bank's statements that are not those of the book.
    """

    findings: Findings
    days: Period | None
    zone: tzinfo
    unread: PrimanotaError | None
    notes: tuple[Notice, ...] = ()


def _review(
    workspace: Workspace, book: Book, options: PeriodOptions, common: CommonOptions, *, accepted: bool
) -> _Reviewed:
    """Review the book as it is at one moment; with --json, write every finding as it is read."""
    journal = workspace.journal(book)
    with bar() as progress:
        journal.bring_up_to_date(progress)
    if common.as_json:
        book.publish()  # after a conflict all this is repeated, which must not happen once something is written
    today, unread = workspace.today(journal), None
    days = options.resolve(workspace.calendar(journal)) if options.given else None
    with book.reading():
        found = Review(journal, today, days, workspace.ledgers())
        try:
            require_read(book, journal.accounts())
        except NotProven as error:
            unread = error
        if not common.as_json:
            shown = _named(book, found.accepted()) if accepted else found.newest(None if common.verbose else SOME)
            return _Reviewed(shown, days, journal.zone, unread, tuple(differences(journal)))
        listed = map(views.finding_view, found.accepted() if accepted else found.findings())
        output.as_json({"organisation": workspace.login, "findings": listed, **output.error_data(unread)})
        return _Reviewed(Findings(), days, journal.zone, unread, tuple(differences(journal)))


def _named(book: Book, findings: Iterable[Finding]) -> Findings:
    """Return findings with the short ids of their rows."""
    found = tuple(findings)
    return Findings(newest=found, short_ids=short_ids(book, found))


def _print_done(key: str, sentence: str, done: Findings, workspace: Workspace, common: CommonOptions) -> None:
    if common.as_json:
        ids = dict.fromkeys(finding.transaction.id for finding in done.newest)
        output.as_json({"organisation": workspace.login, key: list(ids)})
    else:
        print_named(sentence, done)
