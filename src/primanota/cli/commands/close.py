"""``primanota close``: close a month, and write the pack that a tax adviser files."""

from typing import NamedTuple

import click

from primanota import profiles
from primanota.adapters.storage import s3
from primanota.app.closing.deliver_pack import CloseRequest, DeliveredClose, close_month
from primanota.cli import texts
from primanota.cli.commands.export import ProfileName
from primanota.cli.options.accounts import accounts_option
from primanota.cli.options.completions import MONTH
from primanota.cli.options.context import CommonOptions, common_options
from primanota.cli.options.groups import option_group
from primanota.cli.results.account_table import AccountLine, account_table, columns_of_files
from primanota.cli.terminal import output
from primanota.cli.terminal.tables import TableColumn, money_of
from primanota.cli.texts.language import on_stdout
from primanota.close.datev_package import MOST_BYTES
from primanota.core.month_close import ClosedAccount
from primanota.export.destinations import parse_destinations

_MIB = 1024 * 1024


class PackOptions(NamedTuple):
    """Options of a pack: its destinations, its tool, its accounts, what it may be."""

    to: tuple[str, ...] = ()
    profile: str | None = None
    wanted: tuple[str, ...] = ()
    allow_unproven: bool = False
    package_mib: int = MOST_BYTES // _MIB


_pack_options = option_group(
    "pack",
    PackOptions,
    {
        "to": click.option(
            "--to",
            multiple=True,
            metavar="PLACE",
            help="A folder, one file, s3://BUCKET/PREFIX/, or mailto:ADDRESS. May be given more than once.",
        ),
        "profile": click.option(
            "--for", "profile", type=ProfileName(), help="The tool whose file is in the pack. Default: the last one."
        ),
        "wanted": accounts_option,
        "allow_unproven": click.option(
            "--allow-unproven", is_flag=True, help="Close even a month that is not over, or not proven."
        ),
        "package_mib": click.option(
            "--package-mib",
            type=click.IntRange(1, 4000),
            default=MOST_BYTES // _MIB,
            metavar="N",
            show_default=True,
            help="The most MiB of a package of receipts for DATEV.",
        ),
    },
)


@click.command()
@click.argument("month", type=MONTH)
@_pack_options
@common_options
def close(*, month: str, pack: PackOptions, common: CommonOptions) -> None:
    """Close a month: write the pack that your tax adviser files.

    One zip with the tool's file, an index, the receipts, the list of missing ones, the bank's own statements, a
    certificate for each account, and the hashes of all of it. The book remembers what was closed: what changes in the
    month later is listed by “primanota review” and in the next pack.

    Reads the book only; run “primanota sync” first. The same question gives the same bytes.

    Example: primanota close last-month --to ~/adviser --for datev
    """
    workspace = common.workspace()
    destinations = parse_destinations(pack.to, workspace.config.exports)
    for bucket in destinations.buckets:
        s3.Location.parse(bucket)
    tool = profiles.load(pack.profile) if pack.profile else None
    request = CloseRequest(month, destinations, tool, pack.wanted, pack.allow_unproven, package_mib=pack.package_mib)
    done = close_month(workspace, request)
    if common.as_json:
        output.as_json({"organisation": workspace.login, **_view(done)})
    else:
        _print(done)


def _print(done: DeliveredClose) -> None:
    words, writing, month = texts.closing(), on_stdout(), done.close
    output.result(words.title.format(month=month.month, edition=month.edition))
    if not month.complete:
        output.result(words.incomplete)
    if done.is_known:
        output.result(words.again.format(day=writing.day(month.made.date())))
    elif month.edition > 1:
        output.result(words.later_edition.format(before=month.edition - 1))
    state = TableColumn(texts.tables().heading.proven)
    account_table(columns_of_files(state), map(_line, month.accounts), state=state, empty="")
    if not month.profile:
        output.result(words.no_file)
    counts = month.receipts
    output.result(writing.counted(words.receipts, counts.files))
    for plural, number in (
        (words.missing, counts.missing),
        (words.waiting, counts.waiting),
        (words.later, len(month.later)),
    ):
        if number:
            output.result(writing.counted(plural, number))
    for place in done.places:
        output.result(words.written.format(place=place))
    output.result(words.sum.format(sha256=month.sha256))


def _line(closed: ClosedAccount) -> AccountLine:
    proof, sums = closed.proof, closed.proof.completed
    amounts = (sums.sum_in, sums.sum_out, proof.opening, proof.closing)
    shown = (money_of(one, proof.account.currency) for one in amounts)
    return AccountLine(proof.account.name, (str(sums.rows), *shown), proof.state, is_empty=False)


def _view(done: DeliveredClose) -> dict[str, object]:
    month = done.close
    return {
        "month": month.month,
        "edition": month.edition,
        "profile": month.profile,
        "complete": month.complete,
        "is_new": not done.is_known,
        "name": month.name,
        "sha256": month.sha256,
        "size": month.size,
        "receipts": month.receipts,
        "later": month.later,
        "files": month.files,
        "places": done.places,
    }
