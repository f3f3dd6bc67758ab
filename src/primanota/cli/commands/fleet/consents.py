"""``primanota fleet invite`` and ``logout``: the consents of a fleet's clients."""

import csv
import io
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from primanota.adapters import loopback
from primanota.adapters.settings import config
from primanota.cli import texts
from primanota.cli.commands.fleet.database import FleetOptions, clock, fleet_options
from primanota.cli.commands.oauth_login import show_address
from primanota.cli.options.context import workspace_factory
from primanota.cli.terminal import output
from primanota.cli.texts.language import on_stdout, spoken
from primanota.core.errors import InvalidInput

if TYPE_CHECKING:
    from primanota.fleet.oauth.invitations import Invitation
    from primanota.fleet.oauth.inviting import Accepted, Inviter

_LONGEST_ANSWER = 16_384
_DAYS = 7


@click.command()
@click.argument("login", metavar="[LOGIN]", required=False)
@click.option("--link", is_flag=True, help="Print the address that the client opens on its own machine, and end.")
@click.option("--answer", is_flag=True, help="Read from stdin the address at which the client's browser ended.")
@click.option("--missing", is_flag=True, help="With --link: every client that needs a consent, as CSV.")
@click.option(
    "--days",
    type=click.IntRange(1, 30),
    default=_DAYS,
    show_default=True,
    help="With --link: so long it can be answered.",
)
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="The port of the browser's answer here.")
@fleet_options
def invite(
    *, login: str | None, link: bool, answer: bool, missing: bool, days: int, port: int | None, where: FleetOptions
) -> None:
    """Ask a client for its consent (OAuth), and store its tokens for all workers.

    Without options a browser of this machine is opened, and waited for. With --link an address is printed that the
    client opens on its own machine; the browser ends at an address that it cannot reach, and sends that back to you
    as the client likes; --answer reads it from stdin. Another --link makes the earlier one void.

    Example: primanota fleet invite acme-corp-1234 --link
    """
    _check(login, link=link, answer=answer, missing=missing)
    with _inviter(where) as inviter:
        if missing:
            _show_links(inviter.invite_missing(timedelta(days=days)), where)
        elif link:
            _show_link(inviter.invite(login or "", timedelta(days=days)), where)
        elif answer:
            _show_accepted(inviter.accept(login or "", _read_answer()), where)
        else:
            _show_accepted(_in_browser(inviter, login or "", port), where)


@click.command()
@click.argument("login", metavar="LOGIN")
@fleet_options
def logout(*, login: str, where: FleetOptions) -> None:
    """Revoke a client's consent at the bank, and delete its tokens and its invitation.

    Example: primanota fleet logout acme-corp-1234
    """
    with _inviter(where) as inviter:
        revoked = inviter.log_out(login)
    if where.as_json:
        output.as_json({"login": login, "revoked": revoked})
        return
    words = texts.fleet().consent
    output.result((words.logged_out if revoked else words.no_tokens).format(client=login))


@contextmanager
def _inviter(where: FleetOptions) -> Iterator["Inviter"]:
    from primanota.fleet.oauth.inviting import Inviter  # slow to import
    from primanota.fleet.oauth.token_key import FleetKeys

    base = config.load()
    with where.opened() as database:
        yield Inviter(database, FleetKeys(base), base, workspace_factory(), clock())


def _check(login: str | None, *, link: bool, answer: bool, missing: bool) -> None:
    """Refuse options that do not belong together."""
    if link and answer:
        raise InvalidInput(
            "--link and --answer are two steps.", "Take --link first, --answer when the client answers."
        )
    if missing and (login or not link):
        raise InvalidInput(
            "--missing belongs to --link, and to no client.", "Run: primanota fleet invite --missing --link"
        )
    if not missing and not login:
        raise InvalidInput(
            "Which client is invited?", "Name its login, or run: primanota fleet invite --missing --link"
        )


def _in_browser(inviter: "Inviter", login: str, port: int | None) -> "Accepted":
    """Ask for a consent in a browser of this machine, and wait for its answer."""
    with closing(loopback.Callback(config.load().oauth.port if port is None else port)) as callback:
        consent = inviter.begin(login, callback.url)
        show_address(consent.address, here=True)
        answer = callback.wait(consent.has_answer, texts.prompts().login.arrived, spoken())
    return inviter.redeem(login, consent, answer)


def _read_answer() -> str:
    """Read an address from stdin; asked for at a terminal. It is no argument: other users see those of a process."""
    if sys.stdin.isatty():
        return output.ask(texts.prompts().login.pasted)
    text = sys.stdin.read(_LONGEST_ANSWER).strip()
    if not text:
        raise InvalidInput("There is no address on stdin.", "Paste the address at which the client's browser ended.")
    return text


def _show_link(one: "Invitation", where: FleetOptions) -> None:
    if where.as_json:
        output.as_json(_view(one))
        return
    output.info(texts.fleet().consent.invited.format(client=one.login, day=on_stdout().day(one.expires)))
    output.line(one.consent.address)


def _show_links(found: list["Invitation"], where: FleetOptions) -> None:
    if where.as_json:
        output.as_json({"invitations": [_view(one) for one in found]})
        return
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("login", "address", "expires"))
    table.writerows((one.login, one.consent.address, one.expires.isoformat(timespec="seconds")) for one in found)
    output.block(text.getvalue().rstrip("\n"), output.line)


def _show_accepted(done: "Accepted", where: FleetOptions) -> None:
    if where.as_json:
        output.as_json({"login": done.login, "name": done.name, "consent_until": done.until})
        return
    words = texts.upkeep().login
    output.result(words.consented.format(name=done.name, day=on_stdout().day(done.until)))


def _view(one: "Invitation") -> dict[str, object]:
    return {"login": one.login, "address": one.consent.address, "expires": one.expires}
