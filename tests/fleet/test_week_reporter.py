"""The firm's report of a week is mailed by itself: when it is due, once, whichever worker is killed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from primanota.adapters.settings import config
from primanota.adapters.settings.config import Config
from primanota.app.running.firm_mail import FirmLetter
from primanota.core.errors import DeliveryFailed, InvalidInput
from primanota.fleet.database import FleetDatabase
from primanota.fleet.letter_outbox import LetterOutbox
from primanota.fleet.outcome import AttemptResult
from primanota.fleet.week_reporter import WeekReporter
from tests.support.books.weekly_world import body, read
from tests.support.fleets.fleet_office import fleet_office
from tests.support.fleets.fleet_truth import letters
from tests.support.fleets.fleet_world import FleetWorld
from tests.support.servers.smtp_server import MailHandler, listening

if TYPE_CHECKING:
    from collections.abc import Callable

WEEK = "2026-W49"
_FIRM = '[firm]\nto = ["office@example.com"]\n[firm.mail]\nfrom = "books@example.com"\nserver = "127.0.0.1:{port}"\n'


def _settings(home: Path, port: int = 25) -> Config:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(_FIRM.format(port=port))
    return config.load({"PRIMANOTA_HOME": f"{home}", "PRIMANOTA_TIMEZONE": "Europe/Berlin"})


class _Post:
    """Takes letters, by their recipients; fails so often before."""

    def __init__(self, failures: int = 0) -> None:
        self.sent: list[FirmLetter] = []
        self.failures = failures

    def __call__(self, _: Config, letter: FirmLetter) -> None:
        if self.failures:
            self.failures -= 1
            raise DeliveryFailed("The mail server broke the connection off.")
        self.sent.append(letter)


@pytest.fixture
def world(database: FleetDatabase) -> FleetWorld:
    """Return a fleet on Monday noon with two clients that are due: at 07:00 today, and on Friday."""
    made = FleetWorld.of(database)
    made.add("early-1")
    made.add("late-2", schedule="fri 07:00")
    made.clock.advance(days=7)
    database.execute("UPDATE clients SET next_due = '2026-12-04 06:00Z' WHERE login = 'late-2'")
    made.plan()
    return made


def _reporter(world: FleetWorld, home: Path, post: _Post, when: str = "done", name: str = "one") -> WeekReporter:
    return WeekReporter(world.database, _settings(home), when, name, world.clock, post)


def _end(world: FleetWorld, login: str, result: AttemptResult) -> None:
    assert world.begin(login)
    world.occasions.record(login, WEEK, "one", result)


def _all_end(world: FleetWorld) -> None:
    """Let the run of each client end."""
    _end(world, "early-1", AttemptResult("done", 12, proven=True))
    world.clock.now = datetime(2026, 12, 4, 12, tzinfo=UTC)
    world.plan()
    _end(world, "late-2", AttemptResult("person", error_kind="InvalidApiKey", sentence="The key was revoked."))


def _pass_minutes(world: FleetWorld, minutes: int) -> None:
    for column in ("claimed", "next_attempt"):
        query = f"UPDATE letters SET {column} = {column} - make_interval(mins => %s)"  # noqa: S608 - our own words
        world.database.execute(query, minutes)


def test_the_report_is_mailed_when_the_last_client_has_ended(world: FleetWorld, tmp_path: Path) -> None:
    """The report of a week is mailed once all of its runs have ended, and no client is due in it any more."""
    post = _Post()
    reporter = _reporter(world, tmp_path, post)
    reporter.post()
    _end(world, "early-1", AttemptResult("done", 12, proven=True))
    reporter.post()
    assert not post.sent  # late-2 is due on Friday
    world.clock.now = datetime(2026, 12, 4, 12, tzinfo=UTC)
    world.plan()
    reporter.post()
    assert not post.sent
    _end(world, "late-2", AttemptResult("person", error_kind="InvalidApiKey", sentence="The key was revoked."))
    for _ in range(3):
        reporter.post()
    (letter,) = post.sent
    text = body(read(letter.message))
    assert text.index("late-2") < text.index("early-1")
    assert letter.to == ("office@example.com",)


def test_a_paused_client_does_not_hold_it_up(world: FleetWorld, tmp_path: Path) -> None:
    """A client that is paused has no run to wait for."""
    post = _Post()
    _end(world, "early-1", AttemptResult("done"))
    world.table.pause("late-2", paused=True)
    _reporter(world, tmp_path, post).post()
    assert len(post.sent) == 1


def test_the_report_is_mailed_at_a_time(world: FleetWorld, tmp_path: Path) -> None:
    """At a local time the report is mailed as the week is then, also with what is open; later it is not repeated."""
    post = _Post()
    reporter = _reporter(world, tmp_path, post, "wed 18:00")
    world.clock.now = datetime(2026, 12, 2, 16, 59, tzinfo=UTC)
    reporter.post()
    assert not post.sent
    world.clock.advance(minutes=1)
    reporter.post()
    assert len(post.sent) == 1
    _end(world, "early-1", AttemptResult("done"))
    world.clock.advance(days=2)
    reporter.post()
    assert len(post.sent) == 1


def test_several_workers_send_it_once(world: FleetWorld, tmp_path: Path) -> None:
    """Of several workers that find a week done at the same moment one sends its report."""
    _all_end(world)
    post = _Post()
    reporters = [_reporter(world, tmp_path, post, name=f"{number}") for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        for _ in pool.map(lambda one: one.post(), reporters):
            pass
    assert len(post.sent) == 1


def test_what_could_not_be_sent_waits(world: FleetWorld, tmp_path: Path) -> None:
    """A report that could not be sent waits for some minutes; the same bytes are sent then, and the doubt is kept."""
    _all_end(world)
    post, outbox = _Post(failures=1), LetterOutbox(world.database)
    reporter = _reporter(world, tmp_path, post)
    for _ in range(2):
        reporter.post()
    state = outbox.state(WEEK)
    assert state
    assert (post.sent, state.state, state.attempts) == ([], "waiting", 1)
    assert "broke the connection off" in state.reason
    _pass_minutes(world, 5)
    reporter.post()
    state = outbox.state(WEEK)
    assert state
    assert (len(post.sent), state.state, state.attempts, state.reason) == (1, "sent", 2, "")


def test_a_database_that_is_away_after_sending(
    world: FleetWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report that was sent while the database was away is recorded when it is back, and not sent again."""
    _all_end(world)
    post = _Post()
    reporter = _reporter(world, tmp_path, post)
    with monkeypatch.context() as patched:
        patched.setattr(LetterOutbox, "record_sent", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            reporter.post()
    _pass_minutes(world, 15)
    reporter.post()
    state = LetterOutbox(world.database).state(WEEK)
    assert state
    assert (len(post.sent), state.state) == (1, "sent")


def test_the_report_names_consents_that_end(world: FleetWorld, tmp_path: Path) -> None:
    """The firm reads in its mail whose consent ends within two weeks, and which command asks for another one."""
    _all_end(world)
    world.database.execute("UPDATE clients SET consent_end = '2026-12-16 10:00Z' WHERE login = 'early-1'")
    post = _Post()
    _reporter(world, tmp_path, post).post()
    (letter,) = post.sent
    assert "The consent of early-1 ends on" in body(read(letter.message))


def test_without_recipients_a_worker_does_not_begin(world: FleetWorld, tmp_path: Path) -> None:
    """Without a firm in the settings, or with words that are no time, the worker refuses to begin."""
    settings = config.load({"PRIMANOTA_HOME": f"{tmp_path}"})
    with pytest.raises(InvalidInput, match="nobody"):
        WeekReporter(world.database, settings, "done", "one", world.clock)
    with pytest.raises(InvalidInput, match="not a day of the week"):
        _reporter(world, tmp_path, _Post(), "someday 18:00")


class _Killer(MailHandler):
    """Kills a worker when it has handed a report over, before it gets the answer."""

    def __init__(self) -> None:
        super().__init__()
        self.kill: Callable[[], object] | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Accept the mail, once its sender is dead."""
        if self.kill:
            self.kill()
            self.kill = None
        return await super().handle_DATA(server, session, envelope)


def test_a_worker_that_is_killed_while_it_sends(empty_database: str, tmp_path: Path) -> None:
    """If a worker is killed while it sends a report, another sends it with the same Message-ID, and this is said."""
    post = _Killer()
    with (
        listening(lambda: SMTP(post, enable_SMTPUTF8=True)) as port,
        fleet_office(empty_database, tmp_path, (40, 0)) as office,
    ):
        office.add_clients()
        settings = _settings(office.home, port)
        worker = office.start_worker("--report", "done")
        post.kill = worker.kill
        worker.communicate(timeout=90)
        with office.database() as database:
            other = WeekReporter(database, settings, "done", "other", office.clock)
            other.post()
            assert len(post.mails) == 1  # the first one may still be sending it
            database.execute("UPDATE letters SET claimed = claimed - make_interval(mins => 17)")
            for _ in range(2):
                other.post()
        ((_, times),) = letters(post.mails).items()
        assert times == 2
        said = office.command("report").stdout
        assert "mailed to office@example.com" in said
        assert "2 attempts: it may have arrived more than once" in said


def test_a_worker_mails_before_it_ends(empty_database: str, tmp_path: Path) -> None:
    """A worker that ends when nothing is due has mailed the report of what it ran."""
    post = MailHandler()
    with (
        listening(lambda: SMTP(post, enable_SMTPUTF8=True)) as port,
        fleet_office(empty_database, tmp_path, (40,)) as office,
    ):
        office.add_clients()
        _settings(office.home, port)
        office.work("--report", "done")
        assert len(post.mails) == 1
