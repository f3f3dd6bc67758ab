"""The commands of a fleet, as a person types them."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP

from primanota.app.workspace import Workspace
from primanota.cli import main
from primanota.fleet import database as fleet_database
from primanota.fleet.database import FleetDatabase
from primanota.fleet.migrations import known_version
from primanota.fleet.outcome import AttemptResult
from tests.support.books.weekly_world import body, read
from tests.support.clock import Clock
from tests.support.fleets.fleet_truth import letters
from tests.support.fleets.fleet_world import FleetWorld
from tests.support.screens.command_line import CommandResult
from tests.support.servers.smtp_server import MailHandler, listening

Run = Callable[..., CommandResult]
_HEAD = "login,secret,book,to,schedule,since"
_LINE = "{login},file,shared:/books/{login}.book,/files/{login},mon 07:00,2026-11-01"


@pytest.fixture
def run(
    empty_database: str, clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Return a function that runs a command of the fleet, whose database has no tables yet."""
    monkeypatch.setenv("PRIMANOTA_FLEET", empty_database)

    def command(*words: str) -> CommandResult:
        code = main(["fleet", *words], partial(Workspace, clock=clock))
        return CommandResult(code, *capsys.readouterr())

    return command


@pytest.fixture
def fleet(run: Run, database: FleetDatabase, clock: Clock) -> FleetWorld:
    """Return a fleet without clients, in the database of the commands."""
    assert run("init").code == 0
    return FleetWorld.of(database)._replace(clock=clock)


def _add(run: Run, login: str = "acme-1", *words: str) -> CommandResult:
    return run("add", login, "--book", f"shared:/books/{login}.book", "--to", "/files", "--secret", "file", *words)


def _runs(fleet: FleetWorld, run: Run) -> None:
    """Let one run of each kind be in the present week."""
    for login in ("done-1", "failed-2", "person-3", "waiting-4"):
        assert _add(run, login).code == 0
    fleet.clock.advance(days=7)
    fleet.plan()
    for login, result in (
        ("done-1", AttemptResult("done", 12, proven=True)),
        ("person-3", AttemptResult("person", error_kind="InvalidApiKey", sentence="The key was revoked.")),
    ):
        fleet.begin(login)
        fleet.occasions.record(login, "2026-W49", "one", result)
    fleet.database.execute("UPDATE occasions SET state = 'failed', sentence = 'No answer.' WHERE login = 'failed-2'")


def test_init(run: Run) -> None:
    """Init makes the tables, and says so; a second one changes nothing."""
    assert (run("init").code, run("init").out) == (
        0,
        f"The tables of the fleet are up to date: version {known_version()}.\n",
    )


def test_without_init(run: Run) -> None:
    """A command on a database without tables names the command that makes them."""
    found = run("list")
    assert (found.code, "primanota fleet init" in found.err) == (3, True)


def test_without_a_database(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a database, a command says how one is named."""
    monkeypatch.delenv("PRIMANOTA_FLEET")
    found = run("list")
    assert (found.code, "PRIMANOTA_FLEET" in found.err) == (3, True)


def test_without_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the packages of the extra, a command says in one sentence what to install."""
    monkeypatch.setattr(fleet_database, "_PACKAGES", ("no_such_package",))
    found = run("list")
    assert found.code == 3
    assert found.err.splitlines() == [
        "Error: The commands of a fleet need the extra “fleet”.",
        "       Install it: python3 install.py --fleet",
    ]


@pytest.mark.usefixtures("fleet")
def test_a_password_is_never_shown(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No error shows the password of the database."""
    monkeypatch.setenv("PRIMANOTA_FLEET", f"postgresql://ada:geheimnis-77@nowhere/x?host={tmp_path}")
    found = run("list", "--json")
    assert found.code == 5
    assert "geheimnis" not in found.out + found.err


@pytest.mark.usefixtures("fleet")
def test_a_client_is_added_listed_paused_and_resumed(run: Run) -> None:
    """A client that was added is listed with its next run; pause and resume are shown there."""
    assert _add(run).out == "1 client was added.\n"
    assert run("pause", "acme-1").out == "acme-1 is paused.\n"
    (listed,) = run("list", "--json").data["clients"]
    assert listed == {
        "login": "acme-1",
        "profile": "",
        "book": "shared:/books/acme-1.book",
        "to": ["/files"],
        "schedule": "weekly mon 07:00",
        "timezone": "Europe/Berlin",
        "since": "",
        "paused": True,
        "next_run": "2026-11-30T06:00:00Z",
        "consent": None,
    }
    assert "paused" in run("list").out
    assert run("resume", "acme-1").out == "acme-1 has its runs again.\n"
    assert "paused" not in run("list").out


def test_a_client_that_leaves_is_removed(fleet: FleetWorld, run: Run) -> None:
    """A client goes with its runs and queued jobs; book, files and key stay, and are named; others are untouched."""
    for login in ("acme-1", "bakery-2"):
        assert _add(run, login).code == 0
    fleet.clock.advance(days=7)
    assert fleet.plan() == 2
    asked = run("remove", "acme-1")
    assert (asked.code, fleet.jobs()) == (2, 2)
    assert "with its timetable, its runs, its queued jobs" in asked.err
    assert "Add --yes" in asked.err
    done = run("remove", "acme-1", "--yes")
    assert (done.code, done.err) == (0, "")
    assert "Its book stays: shared:/books/acme-1.book. Its files stay: /files.\nIts key stays: file.\n" in done.out
    assert [one["login"] for one in run("list", "--json").data["clients"]] == ["bakery-2"]
    assert [one.login for one in fleet.occasions.of_weeks(["2026-W48", "2026-W49"])] == ["bakery-2"]
    assert (fleet.jobs(), fleet.plan()) == (1, 0)
    assert run("remove", "acme-1", "--yes").code == 2
    removed = run("remove", "bakery-2", "--yes", "--json").data
    places = {"book": "shared:/books/bakery-2.book", "to": ["/files"], "secret": "file"}
    assert removed == {"login": "bakery-2", "jobs": 1, "tokens": False, **places}


def test_a_client_that_a_worker_runs_is_not_removed(fleet: FleetWorld, run: Run) -> None:
    """A run is not taken away under its worker; one whose worker was not heard of for long is no obstacle."""
    assert _add(run).code == 0
    fleet.clock.advance(days=7)
    fleet.plan()
    job = fleet.fetch_job()
    assert fleet.begin()
    refused = run("remove", "acme-1", "--yes")
    assert (refused.code, "A worker runs acme-1." in refused.err) == (2, True)
    name = fleet.run().name
    fleet.pass_time(3_600)
    assert run("remove", "acme-1", "--yes").code == 0
    # The worker was there after all: nothing is recorded, and nothing comes back.
    assert fleet.occasions.record("acme-1", name, "one", AttemptResult("done")) is None
    assert fleet.occasions.begin("acme-1", name, job or 0, "two", 30.0) is None
    assert (fleet.plan(), fleet.jobs()) == (0, 0)


def test_tokens_leave_with_their_client(fleet: FleetWorld, run: Run, database: FleetDatabase) -> None:
    """Tokens and invitations are gone with their client; before that it is said that the consent is still valid."""
    assert _add(run, "acme-1", "--secret", "oauth:fleet").code == 0
    now = fleet.clock()
    query = "INSERT INTO client_tokens (login, sealed, key_id, consented, until) VALUES ('acme-1', '', '', %s, %s)"
    database.execute(query, now, now)
    assert "“primanota fleet logout acme-1” before this revokes it" in run("remove", "acme-1").err
    done = run("remove", "acme-1", "--yes", "--json").data
    assert (done["tokens"], done["secret"]) == (True, "")
    assert database.fetch("SELECT count(*) FROM client_tokens") == [(0,)]


@pytest.mark.parametrize("command", ["status", "report"])
@pytest.mark.parametrize("week", ["x", "2026-W99", "2026-W5x", ""])
@pytest.mark.usefixtures("fleet")
def test_a_week_that_is_not_one_is_refused(run: Run, command: str, week: str) -> None:
    """A week that no calendar has is bad input, and never a week in which nothing was due."""
    refused = run(command, "--week", week)
    assert (refused.code, "is not an ISO week" in refused.err) == (2, True)


@pytest.mark.usefixtures("fleet")
def test_a_client_is_not_added_twice(run: Run) -> None:
    """A client that is in the fleet is changed with --replace, and refused without."""
    _add(run)
    refused = _add(run, "acme-1", "--schedule", "monthly 1 06:00")
    assert (refused.code, "acme-1" in refused.err) == (2, True)
    assert _add(run, "acme-1", "--schedule", "monthly 1 06:00", "--replace").out == "1 client was changed.\n"
    (listed,) = run("list", "--json").data["clients"]
    assert (listed["schedule"], listed["next_run"]) == ("monthly 1 06:00", "2026-12-01T05:00:00Z")


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--secret", "acme-1:0123456789abcdef0123456789abcdef"], "looks like a secret"),
        (["--secret", "geheim"], "not a reference"),
        (["--book", "/books/acme.book"], "several workers"),
        (["--book", ""], "acme-1: it has no book."),
        (["--schedule", "daily 07:00"], "not a day of the week"),
        (["--timezone", "Berlin"], "no time zone"),
        (["--since", "someday"], "not a day"),
        (["--profile", "lexwaer"], "lexware"),
        (["--to", "ftp://x"], "ftp://x"),
    ],
)
def test_what_a_worker_could_not_use_is_refused(run: Run, words: list[str], why: str) -> None:
    """A setting with which no worker could run is refused when the client is added, and so is a secret."""
    found = _add(run, "acme-1", *words)
    assert found.code in {2, 3}
    assert why in found.err
    assert "0123456789abcdef" not in found.err
    assert run("list", "--json").data == {"clients": []}


@pytest.mark.usefixtures("fleet")
def test_a_client_from_a_settings_file(run: Run, tmp_path: Path) -> None:
    """With --from a client has all settings of a settings file, also those that no option has."""
    file = tmp_path / "config.toml"
    file.write_text(
        '[organisation.acme-1]\nsecret = "file"\nbook = "s3://books/acme.book"\nto = ["s3://files/"]\n'
        '[organisation.acme-1.ledger]\nbank = "1800"\nclearing = "1370"\n'
    )
    assert run("add", "acme-1", "--from", f"{file}", "--since", "2026-11-01").code == 0
    (listed,) = run("list", "--json").data["clients"]
    assert (listed["book"], listed["since"]) == ("s3://books/acme.book", "2026-11-01")
    assert run("add", "acme-1", "--from", f"{file}", "--profile", "datev", "--replace").code == 2
    assert "acme-2" in run("add", "acme-2", "--from", f"{file}").err


@pytest.mark.usefixtures("fleet")
def test_clients_are_imported(run: Run, tmp_path: Path) -> None:
    """The clients of a CSV file are added at once; {login} in a cell is the client's login."""
    file = tmp_path / "clients.csv"
    file.write_text("\n".join([_HEAD, *(f"client-{number},{_LINE.partition(',')[2]}" for number in range(1, 301))]))
    assert run("import", f"{file}").out == "300 clients were added.\n"
    listed = {one["login"]: one for one in run("list", "--json").data["clients"]}
    assert listed["client-7"]["book"] == "shared:/books/client-7.book"
    assert listed["client-7"]["to"] == ["/files/client-7"]


@pytest.mark.usefixtures("fleet")
def test_a_wrong_line_imports_nothing(run: Run, tmp_path: Path) -> None:
    """A CSV file with mistakes adds no client, and each mistake is named with its line."""
    file = tmp_path / "clients.csv"
    good = _LINE.replace("{login}", "good-1")
    file.write_text(
        "\n".join([_HEAD, good, good.replace("mon", "noday"), good, good.replace("file,", "hush,"), "bad/login,,,,,"])
    )
    found = run("import", f"{file}")
    assert found.code == 2
    assert all(f"Line {line}:" in found.err for line in (3, 4, 5, 6))
    assert "good-1 is in line 2, too" in found.err
    assert run("list", "--json").data == {"clients": []}


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "login"),
        ("login,bok\n", "bok"),
        (_HEAD, "no clients"),
        ("login,book,login\n", "two columns"),
        ("login\n\xff", "UTF-8"),
        ('login\n"a\n', "Line"),
    ],
)
def test_a_file_that_is_no_table(run: Run, tmp_path: Path, text: str, why: str) -> None:
    """A file that is not a table of clients is refused in a sentence."""
    file = tmp_path / "clients.csv"
    file.write_bytes(text.encode("latin-1"))
    found = run("import", f"{file}")
    assert (found.code, why in found.err) == (2, True), found.err


def test_status_is_a_grid(fleet: FleetWorld, run: Run) -> None:
    """Status shows each client's weeks by signs, and why a run is not done."""
    _runs(fleet, run)
    lines = {line.split()[0]: line for line in run("status").out.splitlines() if line.strip()}
    assert "✓" in lines["done-1"]
    assert "✗" in lines["failed-2"]
    assert "No answer." in lines["failed-2"]
    assert "!" in lines["person-3"]
    assert "The key was revoked." in lines["person-3"]
    assert "…" in lines["waiting-4"]
    assert "4 of 4 clients are shown." in run("status").out


def test_status_is_filtered(fleet: FleetWorld, run: Run) -> None:
    """Status shows only those who need somebody, are late, or have words in their login or reason."""
    _runs(fleet, run)

    def shown(*words: str) -> list[str]:
        return [one["login"] for one in run("status", "--json", *words).data["clients"]]

    assert shown("--needs") == ["failed-2", "person-3"]
    assert shown("--late") == []
    assert shown("REVOKED") == ["person-3"]
    assert shown("--week", "2026-W40", "--needs") == []
    fleet.clock.advance(hours=12)
    assert shown("--late") == ["waiting-4"]
    fleet.clock.advance(days=7)
    assert shown("--late") == ["done-1", "failed-2", "person-3", "waiting-4"]  # nobody planned the next week


def test_status_for_machines(fleet: FleetWorld, run: Run) -> None:
    """The JSON of status has the marks by week, and the latest run of each client."""
    _runs(fleet, run)
    data = run("status", "--json").data
    assert data["weeks"][-1] == "2026-W49"
    assert len(data["weeks"]) == 8
    person = next(one for one in data["clients"] if one["login"] == "person-3")
    assert person["marks"]["2026-W49"] == "person"
    assert person["marks"]["2026-W48"] == "none"
    assert (person["latest"]["failure"], person["latest"]["attempts"]) == ("InvalidApiKey", 1)


def test_report_of_a_week(fleet: FleetWorld, run: Run) -> None:
    """The report of a week says how many are done, and who is not, and why."""
    _runs(fleet, run)
    out = run("report").out
    assert "The week 2026-W49" in out
    assert "Due: 4. Done: 1. Needs somebody: 1. Failed: 1. Still open: 1, late: 0. Rows exported: 12." in out
    data = run("report", "--json").data
    assert [one["login"] for one in data["not_done"]] == ["failed-2", "person-3", "waiting-4"]
    assert run("report", "--week", "2026-W40", "--json").data["runs"] == 0


def test_retry(fleet: FleetWorld, run: Run) -> None:
    """Retry puts a client's run back into the queue, and refuses what is done or unknown."""
    _runs(fleet, run)
    assert run("retry", "person-3").out == "The run 2026-W49 of person-3 is tried again.\n"
    assert fleet.run("person-3").state == "waiting"
    assert run("retry", "done-1").code == 2
    assert "person-3" in run("retry", "person").err


@pytest.mark.usefixtures("fleet")
def test_another_language(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands speak the terminal's language; their JSON does not."""
    monkeypatch.setenv("PRIMANOTA_LANGUAGE", "de")
    assert _add(run).out == "1 Mandant wurde aufgenommen.\n"
    assert "Mandant" in run("list").out
    assert json.loads(run("pause", "acme-1", "--json").out) == {"login": "acme-1", "paused": True, "changed": True}


def test_the_report_is_mailed_to_the_firm(fleet: FleetWorld, run: Run, tmp_path: Path) -> None:
    """With --mail the report of a week goes to the firm: who needs somebody first, then all others."""
    _runs(fleet, run)
    assert run("report", "--mail").code == 2
    post = MailHandler()
    with listening(lambda: SMTP(post, enable_SMTPUTF8=True)) as port:
        home = tmp_path / "home"
        home.mkdir()
        (home / "config.toml").write_text(
            '[firm]\nto = ["office@example.com"]\n'
            f'[firm.mail]\nfrom = "books@example.com"\nserver = "127.0.0.1:{port}"\n'
        )
        for _ in range(2):
            assert "office@example.com" in run("report", "--mail").err
    assert set(letters(post.mails).values()) == {2}  # the same Message-ID
    text = body(read(post.mails[0].content))
    assert text.index("person-3") < text.index("waiting-4") < text.index("done-1")
    assert "12 rows exported" in text


@pytest.mark.usefixtures("fleet")
def test_a_consent_that_ends_is_shown(run: Run, database: FleetDatabase) -> None:
    """A client whose consent ends within two weeks needs attention; status says on which day, and selects it."""
    for login, days in (("soon-1", 13), ("later-2", 15)):
        _add(run, login)
        query = "UPDATE clients SET consent_end = '2026-11-23 12:00Z'::timestamptz + make_interval(days => %s)"
        database.execute(f"{query} WHERE login = %s", days, login)
    _add(run, "key-3")
    for words in (["--needs"], ["--state", "access"]):
        (found,) = run("status", "--json", *words).data["clients"]
        assert (found["login"], found["consent_end"]) == ("soon-1", "2026-12-06T12:00:00Z")
        assert found["states"] == ["needs", "access", "none"]
    assert "The consent of soon-1 ends on 2026-12-06" in run("status").out


def test_several_states_are_selected(fleet: FleetWorld, run: Run) -> None:
    """Of several states one is enough; the JSON says how many of all clients are in each."""
    _runs(fleet, run)
    found = run("status", "--json", "--state", "failed", "--state", "done").data
    assert [one["login"] for one in found["clients"]] == ["done-1", "failed-2"]
    assert (found["states"]["needs"], found["states"]["person"], found["states"]["late"]) == (2, 1, 0)
    assert (found["states"]["access"], found["of"]) == (1, 4)  # the key of person-3 was refused


def test_a_grid_fits_a_narrow_terminal(fleet: FleetWorld, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """In 80 columns the weeks of a client with a long login are one word with a sign for each; a pipe has columns."""
    _runs(fleet, run)
    login = "a-client-with-a-login-of-forty-five-letters-5"
    assert _add(run, login).code == 0
    (piped,) = (line for line in run("status").out.splitlines() if line.startswith(login))
    assert piped.split()[1:] == ["·"] * 8
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    lines = run("status", "--state", "done", "--state", "none").out.splitlines()
    assert "W42 - W49" in lines[0]
    assert [line.split() for line in lines[2:4]] == [[login, "·" * 8], ["done-1", "·" * 7 + "✓"]]
    assert max(map(len, lines)) <= 80
