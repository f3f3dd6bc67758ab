"""``primanota fleet status``, ``report`` and ``retry``: the runs of a fleet."""

import sys
from collections.abc import Mapping
from datetime import datetime

import click
import msgspec

from primanota.adapters.settings import config
from primanota.cli import texts
from primanota.cli.commands.fleet.consent_words import consent_notes
from primanota.cli.commands.fleet.database import FleetOptions, clock, fleet_options
from primanota.cli.terminal import output, tables
from primanota.cli.terminal.tables import Cell, StateCell, TableColumn
from primanota.cli.texts import notice_words
from primanota.cli.texts.language import can_show, on_stdout, spoken
from primanota.core.errors import InvalidInput
from primanota.core.language.firm import firm_texts
from primanota.core.language.fleet_states import FleetStates, fleet_states
from primanota.core.notice import Notice
from primanota.fleet import overview
from primanota.fleet.client_grid import client_grid, ending_consents
from primanota.fleet.fleet_clients import ClientTable
from primanota.fleet.fleet_report import FleetReport, report_of
from primanota.fleet.letter_outbox import LetterOutbox, LetterState
from primanota.fleet.oauth.consent_states import client_consents
from primanota.fleet.oauth.fleet_tokens import forget_end
from primanota.fleet.occasions import Occasion, OccasionTable
from primanota.fleet.overview import CLIENT_STATES, ClientState, ClientWeeks, Mark
from primanota.fleet.timetable import checked_week

_WEEKS = 8
_WEEK = click.option(
    "--week",
    metavar="WEEK",
    callback=lambda _context, _option, word: word if word is None else checked_week(word),
    help="An ISO week, like 2026-W47; the present one by default.",
)
# In a grid a state is one sign, with a plainer one for a terminal that cannot show it.
_SIGNS: dict[Mark, tuple[str, str]] = {
    "done": ("✓", "+"),
    "failed": ("✗", "x"),
    "person": ("!", "!"),
    "waiting": ("…", "."),
    "running": ("▸", ">"),
    "late": ("◷", "L"),
    "none": ("·", "-"),
}
_GOOD: dict[Mark, bool | None] = {"done": True, "failed": False, "person": False, "late": False}


@click.command()
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--needs", is_flag=True, help="Only clients that need somebody: mend, look, or renew a consent.")
@click.option("--late", is_flag=True, help="Only clients whose run should have ended by now.")
@click.option(
    "--state", "states", type=click.Choice(CLIENT_STATES), multiple=True, help="Only clients in this state."
)
@_WEEK
@fleet_options
def status(
    *,
    words: tuple[str, ...],
    needs: bool,
    late: bool,
    states: tuple[ClientState, ...],
    week: str | None,
    where: FleetOptions,
) -> None:
    """Show the clients by weeks: who is done, who is late, who needs somebody, and why.

    WORD selects clients with that text in their login or in the reason. Of several states, one is enough.

    Example: primanota fleet status --needs
    """
    now = clock()()
    weeks = [week] if week else overview.weeks_until(now, _WEEKS)
    with where.opened() as database:
        every = client_grid(database, weeks, now)
    named: tuple[tuple[ClientState, bool], ...] = (("needs", needs), ("late", late))
    wanted = {*states, *(state for state, given in named if given)}
    found = [one for one in every if one.matches(words, wanted)]
    if where.as_json:
        counts = overview.counted_states(every)
        output.as_json(
            {
                "weeks": weeks,
                "clients": [_view(one, weeks) for one in found],
                "of": len(every),
                "states": {state: counts[state] for state in CLIENT_STATES},
            }
        )
        return
    _print_grid(found, weeks, len(every))


@click.command()
@_WEEK
@click.option("--mail", "by_mail", is_flag=True, help="Mail it to the firm of the settings, too.")
@fleet_options
def report(*, week: str | None, by_mail: bool, where: FleetOptions) -> None:
    """Report a week for the firm: how many are done, who is not, and why.

    With --mail it is sent to the addresses under [firm] in the settings of this machine.

    Example: primanota fleet report --week 2026-W47
    """
    now = clock()()
    named = week or overview.weeks_until(now, 1)[0]
    with where.opened() as database:
        runs = OccasionTable(database).of_weeks([named])
        consents = client_consents(database, now).values()
        found = report_of(named, runs, ClientTable(database).all(), now, consents)
        letter = LetterOutbox(database).state(named)
        ending = ending_consents(database, now)
    to = _mailed(named, runs, now, ending) if by_mail else ()
    if where.as_json:
        output.as_json({**msgspec.structs.asdict(found), "letter": letter})
    else:
        _print_report(found)
        if letter:
            _print_letter(letter)
    if to:
        output.note(firm_texts(spoken()).mailed.format(to=", ".join(to)))


@click.command()
@click.argument("login", metavar="LOGIN")
@fleet_options
def retry(*, login: str, where: FleetOptions) -> None:
    """Try the latest run of a client again, at once, after somebody mended what was wrong.

    Example: primanota fleet retry acme-corp-1234
    """
    with where.opened() as database:
        ClientTable(database).get(login)
        found = OccasionTable(database).retry(login)
        forget_end(database, login)
    if where.as_json:
        output.as_json({"login": login, "run": found.name, "state": "waiting"})
    else:
        output.result(texts.fleet().retried.format(client=login, run=found.name))


def _mailed(week: str, runs: list[Occasion], now: datetime, consents: Mapping[str, Notice]) -> tuple[str, ...]:
    from primanota.fleet.weekly_mail import mail_week

    if not (to := mail_week(config.load(), week, runs, now, consents)):
        raise InvalidInput("The settings name nobody for the firm's mail.", "Write a table [firm] with “to”.")
    return to


def _print_grid(found: list[ClientWeeks], weeks: list[str], every: int) -> None:
    words, states, writing = texts.fleet(), fleet_states(spoken()), on_stdout()
    first, last = TableColumn(words.heading.client, "word"), TableColumn(words.heading.why, "text")
    names = [week.partition("-")[2] for week in weeks] if len(weeks) > 1 else weeks
    columns = [first, *(TableColumn(name, "word") for name in names), last]
    rows: list[list[Cell]] = [[one.login, *map(_sign, one.marks), _why(one, states)] for one in found]
    if len(weeks) > 1 and not tables.fits(columns, rows):
        columns = [first, TableColumn(f"{names[0]} - {names[-1]}", "word"), last]
        rows = [[one.login, "".join(_sign(mark).text for mark in one.marks), _why(one, states)] for one in found]
    output.table(
        columns,
        rows,
        notes=[
            ", ".join(f"{_sign(state).text} {states.of(state)}" for state in _SIGNS),
            words.shown.format(shown=writing.number(len(found)), every=writing.number(every)),
        ],
    )


def _why(one: ClientWeeks, states: FleetStates) -> str:
    """Return why a client has no present file, and that its consent ends."""
    state = states.paused if one.paused else one.why or (states.late if one.late else "")
    warning = notice_words.sentence(one.warning, sys.stdout) if one.warning else ""
    return " ".join(filter(None, (state, warning)))


def _sign(mark: Mark) -> StateCell:
    sign, plain = _SIGNS[mark]
    return StateCell(sign if can_show(sign) else plain, _GOOD.get(mark))


def _print_report(found: FleetReport) -> None:
    words, writing = texts.fleet(), on_stdout()
    output.result(words.report.format(week=found.week))
    numbers = {name: writing.number(getattr(found, name)) for name in ("done", "needs", "failed", "open", "late")}
    output.result(words.totals.format(runs=writing.number(found.runs), rows=writing.number(found.rows), **numbers))
    if found.not_done:
        head = words.heading
        output.result()
        output.table(
            [
                TableColumn(head.client, "word"),
                head.state,
                TableColumn(head.run, "word"),
                TableColumn(head.why, "text"),
            ],
            [(one.login, fleet_states(spoken()).of(one.state), one.run, one.why) for one in found.not_done],
        )
    for line in consent_notes(found.consents):
        output.result(line)


def _print_letter(letter: LetterState) -> None:
    words, writing = texts.fleet(), on_stdout()
    to = ", ".join(letter.to)
    if letter.sent:
        output.result(words.letter_sent.format(to=to, moment=writing.moment(letter.sent.astimezone())))
    else:
        output.result(f"{words.letter_waits.format(to=to)} {letter.reason}".strip())
    if letter.attempts > 1:
        output.result(words.letter_doubt.format(attempts=writing.number(letter.attempts)))


def _view(one: ClientWeeks, weeks: list[str]) -> dict[str, object]:
    return {
        "login": one.login,
        "paused": one.paused,
        "late": one.late,
        "needs": one.needs,
        "states": [state for state in CLIENT_STATES if state in one.states],
        "consent_end": one.consent_end,
        "marks": dict(zip(weeks, one.marks, strict=True)),
        "latest": _run_view(one.latest) if one.latest else None,
    }


def _run_view(run: Occasion) -> dict[str, object]:
    return {
        "run": run.name,
        "state": run.state,
        "due": run.due,
        "begun": run.begun,
        "ended": run.ended,
        "next_attempt": run.next_attempt,
        "attempts": run.attempts,
        "failure": run.error_kind,
        "why": run.sentence,
        "rows": run.rows,
        "proven": run.proven,
    }
