"""``primanota export``: the file that the accounting tool imports."""

from collections.abc import Callable
from functools import reduce, wraps
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import click

from primanota import flow, profiles
from primanota.book import Book
from primanota.cli import show, when
from primanota.cli.session import Door, Session, choose, everywhere
from primanota.cli.when import When
from primanota.flow import Exported
from primanota.model import Account
from primanota.period import Period, microseconds, moment
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
    """Which accounts' files, where to, and whether even without proof."""

    wanted: tuple[str, ...] = ()
    to: Path | None = None
    unproven: bool = False


def delivery(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say what is written where, as one ``files``."""

    @wraps(command)
    def call(*, wanted: tuple[str, ...], to: Path | None, unproven: bool, **rest: object) -> None:
        command(files=Delivery(wanted, to, unproven), **rest)

    accounts = "One account: name, IBAN, its last four characters, or id. May be given more than once."
    options = (
        click.option("--unproven", is_flag=True, help="Write even where the balance chain is broken."),
        click.option("--to", type=click.Path(path_type=Path), metavar="PLACE", help="A folder, or one file."),
        click.option("--account", "wanted", multiple=True, metavar="A", help=accounts),
    )
    return reduce(lambda inner, option: option(inner), options, call)


@click.command()
@click.argument("profile", type=ProfileName())
@when.options
@delivery
@click.option("--dry-run", is_flag=True, help="Show the rows and write nothing.")
@everywhere
def export(*, profile: str, asked: When, files: Delivery, dry_run: bool, door: Door) -> None:
    """Write an accounting tool's file.

    One file per account, from the rows that settled in a period.

    Reads the book only; run “primanota sync” first. PROFILE is a name of “primanota profiles”, or a .toml of yours.

    Example: primanota export lexware --period last-month
    """
    tool = profiles.load(profile)
    session = Session(door.organisation)
    with session.book() as book:
        zone = session.zone(book)
        days = asked.resolve(session.today(zone))
        if dry_run:
            _print_rows(book, tool, days, zone, choose(flow.accounts(book), files.wanted))
            return
        done = write_files(session, book, tool, days, files)
    report(session, tool, days, done, as_json=door.as_json)


def write_files(session: Session, book: Book, tool: Profile, days: Period, files: Delivery) -> list[Exported]:
    """Export, and note on stderr what the book cannot know yet."""
    zone = session.zone(book)
    chosen = choose(flow.accounts(book), files.wanted)
    _note_age(session, book, days, chosen)
    place = files.to or session.config.exports
    return flow.export(book, tool, days, zone, chosen=chosen, to=place, unproven=files.unproven)


def report(session: Session, tool: Profile, days: Period, done: list[Exported], *, as_json: bool) -> None:
    """Say where the files are, how many rows, what came in and went out, and the balances at both ends."""
    if as_json:
        files = [_summary(account) for account in done]
        first, last = str(days.first), str(days.last)
        show.as_json(
            {"organisation": session.login, "profile": tool.name, "since": first, "until": last, "files": files}
        )
        return
    show.tell(f"{tool.title}: {days}")
    headings = ("Account", "Rows", "In", "Out", "Opening", "Closing", "Proven")
    show.table(headings, (_row(account) for account in done), right=(1, 2, 3, 4, 5))
    for account in done:
        if account.path:
            show.tell(f"Written: {account.path} ({account.rows} rows)")
    if not any(account.rows for account in done):
        show.tell(f"Nothing settled in this period ({days}): there is nothing to import.")


def _note_age(session: Session, book: Book, days: Period, chosen: list[Account]) -> None:
    """Rows that settled after the last sync are not in the book: say so where the period reaches beyond it."""
    zone = session.zone(book)
    end = min(days.span(zone)[1], microseconds(session.clock()))
    for account in chosen:
        read = book.watermark(account.id)
        if read is None:
            show.say(f"Note: {account.name} was never read whole; its file may lack rows. Run “primanota sync”.")
        elif read < end:
            read_at = f"{moment(read).astimezone(zone):%Y-%m-%d %H:%M}"
            show.say(f"Note: {account.name} was read on {read_at}; what settled later is not in its file.")


def _print_rows(book: Book, tool: Profile, days: Period, zone: ZoneInfo, chosen: list[Account]) -> None:
    for account in chosen:
        headings, *rows = flow.preview(book, tool, days, zone, account)
        show.tell(f"{account.name} ({account.tail}), {days}: {len(rows)} rows, nothing written")
        if rows:
            show.table(headings, rows)


def _row(done: Exported) -> tuple[str, ...]:
    amounts = (show.money(cents) for cents in (done.sum_in, done.sum_out, done.opening, done.closing))
    proven = {True: "yes", False: "NO", None: "no balances"}[done.proven]
    return done.account.name, str(done.rows), *amounts, proven


def _summary(done: Exported) -> dict[str, object]:
    return {
        "account": done.account.name,
        "iban": done.account.iban,
        "path": str(done.path) if done.path else None,
        "rows": done.rows,
        "sum_in_cents": done.sum_in,
        "sum_out_cents": done.sum_out,
        "opening_cents": done.opening,
        "closing_cents": done.closing,
        "proven": done.proven,
    }
