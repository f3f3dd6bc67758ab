"""``primanota export``: the file that the accounting tool imports."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import click

from primanota import flow, profiles
from primanota.book import Batches, Book
from primanota.cli import show, which
from primanota.cli.grouped import grouped
from primanota.cli.session import Door, Session, choose, everywhere
from primanota.cli.which import Which
from primanota.leaving import Exported, told_before
from primanota.model import Account, Fitted
from primanota.period import microseconds, moment
from primanota.profiles import Profile
from primanota.selection import Changed, New, Selection


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
    to: Path | None = None
    unproven: bool = False
    strict: bool = False


class Written(NamedTuple):
    """The files of an export; and those of interrupted ones that it found or finished."""

    files: list[Exported]
    settled: list[Path]


_ACCOUNTS = "One account: name, IBAN, its last four characters, or id. May be given more than once."
delivery = grouped(
    "files",
    Delivery,
    {
        "wanted": click.option("--account", "wanted", multiple=True, metavar="A", help=_ACCOUNTS),
        "to": click.option("--to", type=click.Path(path_type=Path), metavar="PLACE", help="A folder, or one file."),
        "unproven": click.option("--unproven", is_flag=True, help="Write even where the balance chain is broken."),
        "strict": click.option("--strict", is_flag=True, help="Refuse rows of a period that have left already."),
    },
)


@click.command()
@click.argument("profile", type=ProfileName())
@which.options
@delivery
@click.option("--dry-run", is_flag=True, help="Show the rows; write and record nothing.")
@everywhere
def export(*, profile: str, asked: Which, files: Delivery, dry_run: bool, door: Door) -> None:
    """Write an accounting tool's file.

    One file per account: the rows that settled in a period, those that no file has had yet (--new), or those that
    changed since (--changed). Each file is a batch: the book remembers which rows left in it.

    Reads the book only; run “primanota sync” first. PROFILE is a name of “primanota profiles”, or a .toml of yours.

    Example: primanota export lexware --new
    """
    tool = profiles.load(profile)
    session = Session(door.organisation)
    with session.book() as book:
        selection = asked.resolve(session, book, tool)
        if dry_run:
            _preview(session, book, tool, selection, files, door)
            return
        done = write_files(session, book, tool, selection, files, verbose=door.verbose)
    if door.as_json:
        show.as_json({"organisation": session.login, **exported_data(tool, selection, done)})
    else:
        print_report(tool, selection, done)


def write_files(
    session: Session, book: Book, tool: Profile, selection: Selection, files: Delivery, *, verbose: bool = False
) -> Written:
    """Export, and note on stderr what a person should know before importing."""
    zone, start = session.zone(book), Batches(book).start(tool.name)
    chosen = choose(flow.accounts(book), files.wanted)
    _note_age(session, book, selection, chosen)
    place = files.to or session.config.exports
    done, settled = flow.export(
        book,
        tool,
        selection,
        zone,
        chosen=chosen,
        to=place,
        unproven=files.unproven,
        strict=files.strict,
        ledger=session.ledger(),
    )
    for sentence in (*(one.told for one in settled), *_told(done)):
        show.note(sentence)
    _tell_fitted([text for one in done for text in one.fitted], verbose=verbose)
    if isinstance(selection, New) and start not in {"", f"{selection.since}"}:
        show.note(f"--new of {tool.name} begins on {selection.since} from now on; it began on {start} before.")
    if isinstance(selection, Changed):
        for change in flow.gone(book, tool, zone, chosen):
            show.note(f"{change.moved.id} (batch {change.batch.number}) is {change.status}: no file can hold it.")
    return Written(done, [one.path for one in settled if one.here])


def _told(done: list[Exported]) -> Iterator[str]:
    first = {one.account.id: one for one in reversed(done)}
    for one in first.values():
        if one.before:
            yield told_before(one)
        if one.left_out:
            yield f"{one.account.name}: {show.rows(one.left_out)} of 0.00 stay out; this tool takes none."


def exported_data(tool: Profile, selection: Selection, done: Written) -> dict[str, object]:
    """What machines read of an export. Cents."""
    files = [_summary(account) for account in done.files]
    since, until = _days(selection)
    return {
        "profile": tool.name,
        "selection": str(selection),
        "since": since,
        "until": until,
        "files": files,
        "settled": list(map(str, done.settled)),
    }


def print_report(tool: Profile, selection: Selection, done: Written) -> None:
    """Say where the files are, how many rows, what came in and went out, and the balances at both ends."""
    show.tell(f"{tool.title}: {selection}")
    headings = ("Account", "Rows", "In", "Out", "Opening", "Closing", "Proven", "Batch")
    show.table(headings, (_row(account) for account in done.files), right=(1, 2, 3, 4, 5, 7))
    for path in done.settled:
        show.tell(f"Written by an interrupted export: {path}")
    for account in done.files:
        if account.path:
            show.tell(f"Written: {account.path} ({show.rows(account.rows)})")
    if not any(account.rows for account in done.files) and not done.settled:
        show.tell(f"{_nothing(selection)}: there is nothing to import.")


def _nothing(selection: Selection) -> str:
    match selection:
        case New():
            return f"Nothing is {selection}"
        case Changed():
            return "Nothing changed since it was exported"
    return f"Nothing settled in this period ({selection})"


def _days(selection: Selection) -> tuple[date | None, date | None]:
    match selection:
        case New(since=since, end=end):
            return since, end and end - timedelta(1)
        case Changed():
            return None, None
    return selection.first, selection.last


def _note_age(session: Session, book: Book, selection: Selection, chosen: list[Account]) -> None:
    """Rows that settled after the last sync are not in the book: say so where the selection reaches beyond it."""
    zone, now = session.zone(book), microseconds(session.clock())
    end = now if isinstance(selection, Changed) else min(selection.span(zone)[1], now)
    for account in chosen:
        read = book.watermark(account.id)
        if read is None:
            show.note(f"{account.name} was never read whole; its file may lack rows. Run “primanota sync”.")
        elif read < end:
            read_at = f"{moment(read).astimezone(zone):%Y-%m-%d %H:%M}"
            show.note(f"{account.name} was read on {read_at}; what settled later is not in its file.")


def _preview(session: Session, book: Book, tool: Profile, selection: Selection, files: Delivery, door: Door) -> None:
    zone, ledger = session.zone(book), session.ledger()
    chosen = choose(flow.accounts(book), files.wanted)
    found = {one: flow.preview(book, tool, selection, zone, one, ledger) for one in chosen}
    for account, preview in found.items():
        if preview.before:
            show.note(told_before(Exported(account, before=preview.before)))
    _tell_fitted([text for preview in found.values() for text in preview.fitted], verbose=door.verbose)
    if door.as_json:
        show.as_json({"rows": {one.name: preview.cells for one, preview in found.items()}})
        return
    for account, preview in found.items():
        headings, *rows = preview.cells
        show.tell(f"{account.name}, {selection}: {show.rows(len(rows))}, nothing written")
        if rows:
            show.table(headings, rows)


def _tell_fitted(fitted: list[Fitted], *, verbose: bool) -> None:
    """Texts that a file could not hold as they were: never silently."""
    if fitted and not verbose:
        many = "1 text was" if len(fitted) == 1 else f"{len(fitted)} texts were"
        show.note(f"{many} changed to fit the file: -v shows each.")
    for text in fitted if verbose else ():
        show.note(f"{text.id}, {text.field}: “{text.before}” became “{text.after}”.")


def _row(done: Exported) -> tuple[str, ...]:
    amounts = (show.money(cents) for cents in (done.sum_in, done.sum_out, done.opening, done.closing))
    return done.account.name, str(done.rows), *amounts, show.verdict(done.proven), str(done.batch or "")


def _summary(done: Exported) -> dict[str, object]:
    return {
        "account": done.account.name,
        "iban": done.account.iban,
        "path": str(done.path) if done.path else None,
        "batch": done.batch,
        "rows": done.rows,
        "sum_in_cents": done.sum_in,
        "sum_out_cents": done.sum_out,
        "opening_cents": done.opening,
        "closing_cents": done.closing,
        "proven": done.proven,
        "fitted": done.fitted,
        "left_out": done.left_out,
        "left_before": [{"batch": number, "rows": count} for number, count in done.before.items()],
    }
