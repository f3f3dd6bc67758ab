"""``primanota export``: the file that the accounting tool imports."""

from pathlib import Path
from typing import NamedTuple

import click

from primanota import flow, profiles
from primanota.book import Book
from primanota.cli import show, when
from primanota.cli.grouped import grouped
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


_ACCOUNTS = "One account: name, IBAN, its last four characters, or id. May be given more than once."
delivery = grouped(
    "files",
    Delivery,
    {
        "wanted": click.option("--account", "wanted", multiple=True, metavar="A", help=_ACCOUNTS),
        "to": click.option("--to", type=click.Path(path_type=Path), metavar="PLACE", help="A folder, or one file."),
        "unproven": click.option("--unproven", is_flag=True, help="Write even where the balance chain is broken."),
    },
)


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
            chosen = choose(flow.accounts(book), files.wanted)
            previews = {one.name: list(flow.preview(book, tool, days, zone, one)) for one in chosen}
            show.as_json({"rows": previews}) if door.as_json else _print_rows(days, previews)
            return
        done = write_files(session, book, tool, days, files)
    if door.as_json:
        show.as_json({"organisation": session.login, **exported_data(tool, days, done)})
    else:
        print_report(tool, days, done)


def write_files(session: Session, book: Book, tool: Profile, days: Period, files: Delivery) -> list[Exported]:
    """Export, and note on stderr what the book cannot know yet."""
    zone = session.zone(book)
    chosen = choose(flow.accounts(book), files.wanted)
    _note_age(session, book, days, chosen)
    place = files.to or session.config.exports
    return flow.export(book, tool, days, zone, chosen=chosen, to=place, unproven=files.unproven)


def exported_data(tool: Profile, days: Period, done: list[Exported]) -> dict[str, object]:
    """What machines read of an export. Cents."""
    files = [_summary(account) for account in done]
    return {"profile": tool.name, "since": days.first, "until": days.last, "files": files}


def print_report(tool: Profile, days: Period, done: list[Exported]) -> None:
    """Say where the files are, how many rows, what came in and went out, and the balances at both ends."""
    show.tell(f"{tool.title}: {days}")
    headings = ("Account", "Rows", "In", "Out", "Opening", "Closing", "Proven")
    show.table(headings, (_row(account) for account in done), right=(1, 2, 3, 4, 5))
    for account in done:
        if account.path:
            show.tell(f"Written: {account.path} ({show.rows(account.rows)})")
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


def _print_rows(days: Period, previews: dict[str, list[list[str]]]) -> None:
    for name, (headings, *rows) in previews.items():
        show.tell(f"{name}, {days}: {show.rows(len(rows))}, nothing written")
        if rows:
            show.table(headings, rows)


def _row(done: Exported) -> tuple[str, ...]:
    amounts = (show.money(cents) for cents in (done.sum_in, done.sum_out, done.opening, done.closing))
    return done.account.name, str(done.rows), *amounts, show.verdict(done.proven)


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
