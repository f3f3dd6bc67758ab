"""A fleet whose workers and PostgreSQL are killed at random, and the proof that nothing is missing or twice.

All of it is read from outside of the program: the rows from the files, the letters from the mail server, both against
the bank. A letter whose worker was killed while it was sending may arrive twice, with the same Message-ID; then the
book has a claim for each of its arrivals.
"""

import random
import sys
import time
from collections import Counter
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from subprocess import DEVNULL
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from aiosmtpd.smtp import SMTP

from primanota.adapters.settings.toml_file import Mail, OrganisationSettings
from primanota.book import Book
from primanota.core.secret import Secret
from primanota.fleet import migrations
from primanota.fleet.database import FleetDatabase
from primanota.fleet.fleet_clients import ClientTable, FleetClient
from primanota.fleet.fleet_report import report_of
from primanota.fleet.occasions import Occasion, OccasionTable
from primanota.fleet.timetable import Timetable, week_of
from tests.support import environment
from tests.support.fleets.fleet_truth import completed_ids, exported_ids, letters
from tests.support.fleets.fleet_world import private_secret
from tests.support.fleets.postgres import PostgresForTests
from tests.support.servers.smtp_server import MailHandler, listening
from tests.torture.fleet.bank import Banks, banks

if TYPE_CHECKING:
    from subprocess import Popen

_OPTIONS = ("--lease", "5", "--planning", "1", "--pause", "2", "--grace", "5")
_ENDED = {"done", "failed", "person"}


class Storm(NamedTuple):
    """A campaign: how many clients, workers, runs at once in a worker, and kills; and the seed of its chance."""

    clients: int
    workers: int
    jobs: int
    kills: int
    seed: int


class StormResult(NamedTuple):
    """What a campaign found: the rules that were broken, and its numbers by their names."""

    broken: list[str]
    numbers: dict[str, float]


class Fleet:
    """The fleet of a campaign: its places, its database, and its workers.

    Args:
        storm: the campaign.
        folder: an empty folder.
        postgres: the server.
        address: of the database.
        bank: the organisations.
        mail_port: of the mail server.
    """

    def __init__(
        self, storm: Storm, folder: Path, postgres: PostgresForTests, address: str, bank: Banks, mail_port: int
    ) -> None:
        self.storm = storm
        self.folder = folder
        self.postgres = postgres
        self.address = address
        self.bank = bank
        self._mail = Mail("fleet@example.com", f"127.0.0.1:{mail_port}")
        self.workers: list[Popen[str]] = []
        self.killed = Counter[str]()
        self._log = folder / "workers.log"

    def add_clients(self) -> None:
        """Add the organisations as clients whose first run is due now."""
        today = datetime.now(UTC)
        timetable = Timetable.parse(f"weekly {today:%a} 00:00", "UTC")
        (self.folder / "books").mkdir()
        clients = []
        for one in self.bank.simulators:
            self.files_of(one.login).mkdir(parents=True)
            private_secret(self.folder / "home", one.login, one.secret)
            settings = OrganisationSettings(
                secret="file",
                api_url=self.bank.url,
                profile="jsonl",
                to=(f"{self.files_of(one.login)}", f"mailto:{one.login}@example.com"),
                book=f"shared:{self.book_of(one.login)}",
                mail=self._mail,
                connections=4,
            )
            clients.append(FleetClient(one.login, settings, timetable, "2000-01-01"))
        with closing(FleetDatabase(Secret(self.address))) as database:
            migrations.migrate(database)
            ClientTable(database).put(clients)
            database.execute("UPDATE clients SET next_due = now() - interval '1 second'")

    def files_of(self, login: str) -> Path:
        """Return the folder of a client's files."""
        return self.folder / "files" / login

    def book_of(self, login: str) -> Path:
        """Return the path of a client's book."""
        return self.folder / "books" / f"{login}.book"

    def start_worker(self) -> None:
        """Start a worker."""
        variables = environment.plain(PRIMANOTA_HOME=f"{self.folder / 'home'}", PRIMANOTA_FLEET=self.address)
        program = [sys.executable, "-m", "tests.torture.fleet.program", "fleet", "worker", *_OPTIONS]
        with self._log.open("a", encoding="utf-8") as log:
            words = [*program, "--jobs", f"{self.storm.jobs}"]
            self.workers.append(environment.start(words, variables, stdout=DEVNULL, stderr=log))

    def runs(self) -> list[Occasion]:
        """Return all runs."""
        with closing(FleetDatabase(Secret(self.address))) as database:
            return OccasionTable(database).of_weeks([week_of(datetime.now(UTC))])

    def strike(self, chance: random.Random) -> None:
        """Kill a worker, PostgreSQL, or both, or ask a worker to stop; and start what was killed again."""
        what = chance.choice(("worker", "worker", "postgres", "both", "stop"))
        self.killed[what] += 1
        victim = chance.choice(self.workers)
        if what in {"worker", "both"}:
            victim.kill()
        if what in {"postgres", "both"}:
            self.postgres.kill()
            time.sleep(chance.uniform(0, 2))
            self.postgres.start()
        if what == "stop":
            victim.terminate()
        if what != "postgres":
            victim.wait(60)
            self.workers.remove(victim)
            self.start_worker()

    def stop(self) -> None:
        """Ask all workers to stop."""
        for one in self.workers:
            one.terminate()
        for one in self.workers:
            one.wait(60)

    @property
    def log(self) -> str:
        """What all workers wrote."""
        return self._log.read_text(encoding="utf-8")


def raise_storm(storm: Storm, folder: Path, *, patience: float = 3_600) -> StormResult:
    """Run a campaign in an empty folder, and return what it found."""
    chance = random.Random(f"fleet-{storm.seed}")  # noqa: S311 - which moments, not which secrets
    post = MailHandler()
    with ExitStack() as stack:
        place = Path(stack.enter_context(TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True)))
        place.chmod(0o755)
        postgres = PostgresForTests(place / "data")
        stack.callback(postgres.stop)
        address = stack.enter_context(postgres.fresh_database())
        bank = stack.enter_context(banks(storm.clients, chance))
        port = stack.enter_context(listening(lambda: SMTP(post, enable_SMTPUTF8=True)))
        fleet = Fleet(storm, folder, postgres, address, bank, port)
        fleet.add_clients()
        began = time.monotonic()
        for _ in range(storm.workers):
            fleet.start_worker()
        stack.callback(fleet.stop)
        runs = _until_all_ended(fleet, chance, began + patience)
        seconds = time.monotonic() - began
        fleet.stop()
        broken = [*_wrong_clients(fleet, runs), *_wrong_letters(fleet, post), *_wrong_report(fleet, runs)]
        return StormResult(broken, _numbers(fleet, runs, post, seconds))


def _until_all_ended(fleet: Fleet, chance: random.Random, end: float) -> list[Occasion]:
    """Strike at random moments, until all runs have ended or the time is over; return the runs."""
    storm, kills = fleet.storm, fleet.storm.kills
    while True:
        runs = fleet.runs()
        left = storm.clients - sum(one.state in _ENDED for one in runs)
        if (not left and not kills) or time.monotonic() > end:
            return runs
        # So that the kills are spread over the whole of the work, and the last ones do not come too late.
        if kills and left <= storm.clients * kills / (storm.kills + 1):
            time.sleep(chance.uniform(0, 1))
            fleet.strike(chance)
            kills -= 1
        time.sleep(0.2)


def _wrong_clients(fleet: Fleet, runs: list[Occasion]) -> list[str]:
    found = []
    states = {one.login: one for one in runs}
    for one in fleet.bank.simulators:
        run, login = states.get(one.login), one.login
        wanted = "person" if login in fleet.bank.broken else "done"
        if run is None or run.state != wanted:
            found.append(f"{login} is {run and (run.state, run.sentence)}, and should be {wanted}")
            continue
        files, must, may = exported_ids(fleet.files_of(login)), Counter[str](), Counter[str]()
        if wanted == "done":  # what settles while the bank is read may be in it, and what settles later must not
            must = completed_ids(one, fleet.book_of(login), run.begun)
            may = completed_ids(one, fleet.book_of(login), run.ended)
        if twice := (files - may).total():
            found.append(f"{login}: {twice} rows too many in its files")
        if missing := (must - files).total():
            found.append(f"{login}: {missing} rows are missing")
        if run.rows not in {0, files.total()}:  # 0 where an earlier attempt exported them
            found.append(f"{login}: {run.rows} rows are reported, {files.total()} were exported")
    return found


def _wrong_letters(fleet: Fleet, post: MailHandler) -> list[str]:
    arrived, found = letters(post.mails), []
    for one in fleet.bank.simulators:
        mine = {key: count for (to, key), count in arrived.items() if to.startswith(f"{one.login}@")}
        if not mine:
            found.append(f"{one.login} got no letter")
        for key, count in mine.items():
            if count > 1 and count > _claims(fleet.book_of(one.login), key):
                found.append(f"{one.login} got a letter {count} times, which its book does not say")
    return found


def _claims(book: Path, message_id: str) -> int:
    """Return how often a letter was claimed to be sent."""
    with Book(book, lambda: 0) as opened:
        query = "SELECT body FROM version WHERE kind = 'letter' AND id = ?"
        bodies = [msgspec.json.decode(body) for (body,) in opened.rows(query, message_id.strip("<>"))]
    return sum(one["state"] == "sending" for one in bodies)


def _wrong_report(fleet: Fleet, runs: list[Occasion]) -> list[str]:
    now = datetime.now(UTC)
    with closing(FleetDatabase(Secret(fleet.address))) as database:
        found = report_of(week_of(now), runs, ClientTable(database).all(), now)
    broken = len(fleet.bank.broken)
    truth = (fleet.storm.clients, fleet.storm.clients - broken, broken, 0, 0)
    said = (found.runs, found.done, found.needs, found.failed, found.open)
    return [] if said == truth else [f"the report says {said}, the truth is {truth}"]


def _numbers(fleet: Fleet, runs: list[Occasion], post: MailHandler, seconds: float) -> dict[str, float]:
    arrived = letters(post.mails)
    refused = fleet.bank.limits.counts
    return {
        "clients": len(runs),
        "with a broken key": len(fleet.bank.broken),
        "workers": fleet.storm.workers,
        "workers killed": fleet.killed["worker"] + fleet.killed["both"],
        "workers stopped": fleet.killed["stop"],
        "PostgreSQL killed": fleet.killed["postgres"] + fleet.killed["both"],
        "rows": sum(exported_ids(fleet.files_of(one.login)).total() for one in fleet.bank.simulators),
        "letters": len(arrived),
        "letters that arrived twice": sum(count > 1 for count in arrived.values()),
        "attempts": sum(one.attempts for one in runs),
        "requests": refused.total(),
        "answers of 429 by the bank's limits": refused[False],
        "seconds": round(seconds),
        "clients a minute": round(60 * len(runs) / seconds),
    }
