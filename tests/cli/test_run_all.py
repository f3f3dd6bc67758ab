"""The weekly run of several organisations: each has its own, and there is one report, one mail, one exit code."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email import message_from_bytes
from email.policy import default
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from primanota.app.workspace import Workspace
from primanota.cli import main
from primanota.simulator import RateLimits, SeveralSimulators, Simulator
from tests.support.banks.simulator_server import served
from tests.support.clock import Clock
from tests.support.files.csv_files import rows_of
from tests.support.screens.command_line import CommandResult
from tests.support.servers.smtp_server import MailHandler, listening

_NEW = ("run", "--new", "--since", "2020-01-01")
_NO_KEY = "0" * 32


class Companies:
    """Companies at one simulated bank, the settings of the firm that keeps their books, and a terminal."""

    def __init__(
        self, companies: list[Simulator], home: Path, clock: Clock, output: pytest.CaptureFixture[str]
    ) -> None:
        self.all = companies
        self.home = home
        self._clock = clock
        self._output = output
        self._tables = {one.login: 'secret = "file"\n' for one in companies}
        home.mkdir(exist_ok=True)
        self.write()
        for one in companies:
            self.keep_key(one, one.secret)

    def write(self, more: str = "") -> None:
        """Write the settings, with further tables."""
        tables = (f"[organisation.{login}]\n{table}" for login, table in self._tables.items())
        (self.home / "config.toml").write_text("\n".join([*tables, more]), encoding="utf-8")

    def add_setting(self, company: Simulator, line: str) -> None:
        """Add a line to the table of a company."""
        self._tables[company.login] += f"{line}\n"
        self.write()

    def keep_key(self, company: Simulator, secret: str) -> None:
        """Store the API key of a company in a private file."""
        file = self.home / f"{company.login}.secret"
        file.write_text(secret, encoding="utf-8")
        file.chmod(0o600)

    def run(self, *words: str) -> CommandResult:
        """Run a command."""
        code = main(list(words), partial(Workspace, clock=self._clock))
        return CommandResult(code, *self._output.readouterr())

    def report(self, *words: str) -> dict[str, Any]:
        """Run a command, and return its organisations by their logins."""
        return {one["organisation"]: one for one in self.run(*words, "--json").data["organisations"]}


@pytest.fixture
def firm(
    tmp_path: Path, clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[int], Companies]]:
    """Return a function that makes so many companies, each with a few rows more than the one before."""
    with ExitStack() as stack:

        def make(number: int) -> Companies:
            limits = RateLimits()
            companies = [
                stack.enter_context(Simulator(size=20 * seed, seed=seed, clock=clock, limits=limits))
                for seed in range(1, number + 1)
            ]
            monkeypatch.setenv("PRIMANOTA_API_URL", stack.enter_context(served(SeveralSimulators(companies))))
            return Companies(companies, tmp_path / "home", clock, capsys)

        yield make


def _completed(company: Simulator) -> int:
    """Return how many rows of a company have settled."""
    every = (row for account in company.bank.account_ids() for row in company.bank.truth(account))
    return sum(row["status"] == "completed" for row in every)


def test_every_organisation_has_its_run(firm: Callable[[int], Companies]) -> None:
    """With --all each organisation gets files of all of its rows; a second run has nothing new for any."""
    made = firm(3)
    found = made.report(*_NEW, "--all")
    assert {one.login: found[one.login]["rows"] for one in made.all} == {
        one.login: _completed(one) for one in made.all
    }
    files = [file["path"] for one in found.values() for file in one["files"] if file["path"]]
    assert sum(len(rows_of(Path(path))) for path in files) == sum(map(_completed, made.all))
    assert {one["rows"] for one in made.report(*_NEW, "--all").values()} == {0}


def test_one_that_fails_keeps_no_other_back(firm: Callable[[int], Companies]) -> None:
    """A revoked key, a broken table and a folder that cannot be made fail for themselves; the others are done."""
    made = firm(5)
    revoked, broken, homeless, *fine = made.all
    made.keep_key(revoked, _NO_KEY)
    (made.home / "file").write_text("", encoding="utf-8")
    made.add_setting(broken, "to = 5")
    made.add_setting(homeless, f'to = ["{made.home / "file" / "folder"}"]')
    result = made.run(*_NEW, "--all")
    assert result.code == 9
    assert "3 of 5 organisations were not done" in result.err
    found = made.report(*_NEW, "--all")
    codes = {login: one["error"] and one["error"]["exit_code"] for login, one in found.items()}
    failed = {revoked.login: 4, broken.login: 3, homeless.login: 8}
    assert codes == failed | {one.login: None for one in fine}
    assert found[revoked.login]["state"] == found[broken.login]["state"] == "person"


def test_a_refused_key_is_asked_once(firm: Callable[[int], Companies]) -> None:
    """The bank is asked once with a key that it refuses, in however many runs; with a renewed key again."""
    made = firm(2)
    revoked, _ = made.all
    made.keep_key(revoked, _NO_KEY)
    assert made.run(*_NEW, "--all").code == 4
    asked = revoked.requests.count
    assert made.run(*_NEW, "--all").code == 4
    found = made.report(*_NEW, "--all")[revoked.login]
    assert revoked.requests.count == asked
    assert "is not asked with it again" in found["error"]["error"]
    made.keep_key(revoked, revoked.secret)
    assert made.run(*_NEW, "--all").code == 0


def test_a_refused_key_is_not_kept(firm: Callable[[int], Companies]) -> None:
    """What is remembered of a refused key is in a private file, and does not have the key."""
    made = firm(1)
    made.keep_key(made.all[0], _NO_KEY)
    made.run(*_NEW, "--all")
    kept = made.home / f"{made.all[0].login}.refused"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert _NO_KEY not in kept.read_text(encoding="utf-8")


def test_several_are_named(firm: Callable[[int], Companies]) -> None:
    """Several names behind --organisation, with commas between them, are run, and no other."""
    made = firm(3)
    first, second, _ = (one.login for one in made.all)
    assert [*made.report(*_NEW, "--organisation", f"{second}, {first}")] == [second, first]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--all", "--book", "x.book"), "--book and --account"),
        (("--all", "--account", "Hauptkonto"), "--book and --account"),
        (("--all", "--dry-run"), "--dry-run is for one"),
        (("--all", "--organisation", "x"), "contradict"),
        (("--all", "--to", "files.csv"), "names one file"),
        (("--organisation", "a,b"), "no organisation “a”"),
        (("--organisation", "a", "--organisation", "b"), "no organisation “a”"),
        (("--organisation", ","), "names none"),
    ],
)
def test_what_is_of_one_organisation_is_refused(
    firm: Callable[[int], Companies], words: tuple[str, ...], said: str
) -> None:
    """An option of one organisation is refused for several, in a sentence, before anything is read."""
    made = firm(1)
    result = made.run(*_NEW, *words)
    assert (result.code, made.all[0].requests.count) == (2, 0)
    assert said in result.err


def test_the_firm_gets_one_mail(firm: Callable[[int], Companies]) -> None:
    """The firm's mail says in its subject what is to be done first, in the firm's language, and has each company."""
    made, office = firm(3), MailHandler()
    made.keep_key(made.all[1], _NO_KEY)
    with listening(lambda: SMTP(office, hostname="post", loop=asyncio.get_running_loop())) as port:
        made.write(
            '[firm]\nto = ["office@example.com"]\nlanguage = "de"\n'
            f'[firm.mail]\nfrom = "books@example.com"\nserver = "smtp://127.0.0.1:{port}"\n'
        )
        for _ in range(2):
            assert made.run(*_NEW, "--all", "--run-key", "week 47").code == 4
    first, again = (message_from_bytes(bytes(one.original_content or b""), policy=default) for one in office.mails)
    assert first["Subject"].startswith("Primanota: Bei 1 von 3 Unternehmen ist etwas zu tun")
    assert first["Message-ID"] == again["Message-ID"]
    part = first.get_body(("plain",))
    assert part is not None
    text = part.get_content()
    assert made.all[1].login in text
    assert text.count("Morgenrot Fahrradbau GmbH") == 2


def test_a_mistake_in_the_firms_table_keeps_no_one_back(firm: Callable[[int], Companies]) -> None:
    """With a mistake in the firm's table every organisation is run, and the mistake is said at the end."""
    made = firm(2)
    made.write("[firm]\nto = 5\n")
    result = made.run(*_NEW, "--all")
    assert result.code == 3
    assert "firm.to" in result.err
    assert all(one["error"] is None for one in made.report(*_NEW, "--all").values())


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("de", "Alle 2 Unternehmen"), ("fr", "Les 2 sociétés"), ("it", "2 società"), ("es", "Las 2 empresas")],
)
def test_the_report_is_in_the_readers_language(
    firm: Callable[[int], Companies], monkeypatch: pytest.MonkeyPatch, language: str, sentence: str
) -> None:
    """The report's sentence and its states are in the language of the terminal."""
    monkeypatch.setenv("PRIMANOTA_LANGUAGE", language)
    made = firm(2)
    made.run(*_NEW, "--all")
    monkeypatch.setenv("PRIMANOTA_LANGUAGE", language)
    assert sentence in made.run(*_NEW, "--all").out


@pytest.mark.parametrize("name", ["PRIMANOTA_BOOK", "PRIMANOTA_SECRET_KEY"])
def test_a_variable_of_one_organisation_is_refused(
    firm: Callable[[int], Companies], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A book or a key in the environment that does not say of which organisation it is, is refused for several."""
    made = firm(2)
    monkeypatch.setenv(name, "0" * 32)
    result = made.run(*_NEW, "--all")
    assert (result.code, made.all[0].requests.count) == (2, 0)
    assert name in result.err


def test_a_given_folder_has_a_folder_for_each(firm: Callable[[int], Companies], tmp_path: Path) -> None:
    """Below a folder that is given for all, each organisation's files are in a folder with its login."""
    made = firm(2)
    assert made.run(*_NEW, "--all", "--to", f"{tmp_path / 'office'}").code == 0
    assert {file.parent.name for file in (tmp_path / "office").rglob("*.csv")} == {one.login for one in made.all}


def test_no_first_day_is_asked_for(firm: Callable[[int], Companies], monkeypatch: pytest.MonkeyPatch) -> None:
    """In a terminal, too, no first day of new rows is asked for: the organisation's error says what to do."""
    made = firm(2)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    result = made.run("run", "--new", "--all", "--json")
    assert [one["error"]["hint"] for one in result.data["organisations"]] == ["Add --since DAY, once."] * 2


def test_the_firms_mail_that_fails_is_said(firm: Callable[[int], Companies]) -> None:
    """If the firm's mail cannot be sent, that is said, also where an organisation was not done."""
    made = firm(2)
    made.write('[firm]\nto = ["office@example.com"]\n')
    assert made.run(*_NEW, "--all").code == 3
    made.keep_key(made.all[0], _NO_KEY)
    result = made.run(*_NEW, "--all")
    assert result.code == 4
    assert "[firm.mail]" in result.err


def test_what_was_done_before_an_interruption_is_said(
    firm: Callable[[int], Companies], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After Ctrl-C the report has the organisations that are done, and names the others."""
    made = firm(3)
    made.write("[firm]\nat_once = 1\n")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("primanota.cli.commands.run_all._show_progress", interrupt)
    result = made.run(*_NEW, "--all")
    first, *others = (one.login for one in made.all)
    assert result.code == 130
    assert first in result.out
    assert all(login not in result.out for login in others)
    assert f"Not done: {', '.join(others)}" in result.err
