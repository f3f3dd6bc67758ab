"""Weekly runs through a year, each Monday, with clock changes, late rows and failures."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from primanota.core.errors import InvalidApiKey, ServiceUnavailable
from tests.support.books import weekly_world as firms
from tests.support.books.book_world import journal_of
from tests.support.books.weekly_world import PEOPLE, Firm, attached, body
from tests.support.clock import BERLIN
from tests.support.servers import s3_server

cloud = s3_server.cloud
firm = firms.firm

_GOLDEN = Path(__file__).parents[1] / "golden" / "weekly" / "year.txt"
_FIRST, _WEEKS = date(2026, 1, 5), 54
# The weeks in which something fails; the clocks change in weeks 13 and 43, the year ends in week 52.
_NO_BANK, _NO_MAIL, _NO_KEY, _DOUBLED = 9, 17, 30, 36
# Moments next to each clock change, and next to the year's end, in Germany.
_EDGES = (
    *("2026-03-29T00:59:59", "2026-03-29T01:00:00", "2026-10-25T00:30:00", "2026-10-25T01:30:00"),
    *("2026-12-31T22:59:59", "2026-12-31T23:00:00"),
)


class Week(NamedTuple):
    """A line of the audit table: what one mail reported."""

    monday: date
    rows: int
    came: int
    went: int
    subject: str

    def __str__(self) -> str:
        came, went = (f"{cents // 100}.{cents % 100:02}" for cents in (self.came, -self.went))
        return f"{self.monday} | {self.rows:>4} | {came:>10} | {went:>10} | {self.subject}"


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _mondays() -> Iterator[datetime]:
    """Yield each Monday at seven o'clock in Berlin, in UTC."""
    for number in range(_WEEKS):
        monday = _FIRST + timedelta(weeks=number)
        yield datetime(monday.year, monday.month, monday.day, 7, tzinfo=BERLIN).astimezone(UTC)


def _live(firm: Firm, until: datetime, chance: Random, edges: list[datetime]) -> None:
    """Add the rows of a week at random moments and at the edges, and set the clock to its end."""
    moments = [firm.clock.now + (until - firm.clock.now) * chance.random() for _ in range(chance.randrange(4))]
    moments += [edge for edge in edges if firm.clock.now <= edge < until]
    for moment in sorted(moments):
        firm.clock.now = moment
        firm.simulator.bank.arrive(chance.choice((1, 1, 2, 3)), chance.choice(firm.simulator.bank.account_ids()[:2]))
    firm.clock.now = until


def test_a_year_of_mondays(firm: Firm, request: pytest.FixtureRequest) -> None:
    """Every row that settled in a year is once in the bucket and once in the mails, and each week has one mail.

    The year contains both clock changes, the year's end, rows that settle late, a week without a bank, a week without
    mail, a revoked key, and a Monday that runs twice.
    """
    chance, edges, reports = Random(2026), list(map(_at, _EDGES)), []  # noqa: S311 - random rows, no secrets
    for number, monday in enumerate(_mondays()):
        _live(firm, monday, chance, edges)
        firm.line.cut, firm.line.revoked = number == _NO_BANK, number == _NO_KEY
        firm.office.refused = dict.fromkeys(PEOPLE, "550 nobody here") if number == _NO_MAIL else {}
        reports.append(firm.week(f"{monday:%Y-%m-%dT%H:%M:%SZ}"))
        if number == _DOUBLED:
            assert firm.week(f"{monday:%Y-%m-%dT%H:%M:%SZ}").repeated

    assert _late(firm) > 3
    assert sorted(firm.uploaded_rows) == sorted(firm.mailed_rows) == sorted(firm.truth.items())
    failed = {number: type(one.failure) for number, one in enumerate(reports) if one.failure}
    assert failed == {_NO_BANK: ServiceUnavailable, _NO_KEY: InvalidApiKey}
    assert [number for number, one in enumerate(reports) if one.unsent] == [_NO_MAIL]
    weeks = _audit(firm)
    assert [week.monday for week in weeks] == [monday.astimezone(BERLIN).date() for monday in _mondays()]
    _prove(firm, weeks)
    table = "".join(f"{week}\n" for week in weeks)
    if request.config.getoption("--update-goldens"):
        _GOLDEN.write_text(table, encoding="utf-8")
    assert _GOLDEN.read_text(encoding="utf-8") == table


def _late(firm: Firm) -> int:
    """Count the rows that were made before a Monday's run and settled after it."""
    mondays = [f"{monday:%Y-%m-%dT%H:%M:%S}" for monday in _mondays()]
    rows = [row for account in firm.simulator.bank.account_ids() for row in firm.simulator.bank.truth(account)]
    done = [(row["emitted_at"], row["settled_at"]) for row in rows if row["status"] == "completed"]
    return sum(any(made < monday < settled for monday in mondays) for made, settled in done)


def _audit(firm: Firm) -> list[Week]:
    """Return one line for each mail."""
    found = []
    for mail in firm.mails:
        cents = [amount for _, amount in attached(mail)]
        came, went = sum(one for one in cents if one > 0), sum(one for one in cents if one < 0)
        day = mail["Date"].datetime.astimezone(BERLIN).date()
        found.append(Week(day, len(cents), came, went, str(mail["Subject"])))
        assert _counted(mail["Subject"]) == len(cents)
        assert str(len(cents)) in body(mail)
    return found


def _counted(subject: str) -> int:
    """Return the number of rows that a subject states."""
    found = re.search(r"(\d+) Ums(?:atz|ätze) importieren", subject)
    return int(found[1]) if found else 0


def _prove(firm: Firm, weeks: list[Week]) -> None:
    """The amounts that were mailed in a year add up to the balances of the accounts."""
    with firm.book() as book:
        balances = [account.balance or 0 for account in journal_of(book).accounts()]
    assert sum(week.came + week.went for week in weeks) == sum(firm.truth.values()) == sum(balances)
