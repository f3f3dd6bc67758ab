"""The command line: what commands print, write, and exit with."""

from collections.abc import Callable
from pathlib import Path

import click
import pytest

from primanota.cli import main, primanota
from tests.support.files.csv_files import rows_of
from tests.support.screens.command_line import Terminal

_LAST_MONTH = ("--since", "2026-10-01", "--until", "2026-10-31")


def test_the_weekly_job(terminal: Callable[..., Terminal]) -> None:
    """``run`` syncs, lists pending and declined rows, writes files, and prints paths, row counts and balances."""
    result = (here := terminal()).run("run", "lexware", *_LAST_MONTH)
    assert result.code == 0
    file = here.home / "exports" / "lexware_hauptkonto-0010_2026-10-01_2026-10-31.csv"
    rows = rows_of(file)
    for word in ("Hauptkonto", "proven", "declined", "Opening", "Closing", f"Written: {file} ({len(rows)} rows)"):
        assert word in result.out
    assert rows
    assert all(all(row.values()) for row in rows)


def test_the_json_summary_adds_up(terminal: Callable[..., Terminal]) -> None:
    """The JSON has cents; opening plus in plus out is closing, and the sums are those of the file."""
    here = terminal()
    here.run("sync")
    result = here.run("export", "lexware", "--period", "2026-10", "--json")
    for file in result.data["files"]:
        if file["proven"]:
            moved = file["sum_in_cents"] + file["sum_out_cents"]
            assert file["opening_cents"] + moved == file["closing_cents"]
        if file["path"]:
            rows = rows_of(Path(file["path"]))
            assert len(rows) == file["rows"]
            cents = sum(int(row["Betrag"].replace(".", "")) for row in rows)
            assert cents == file["sum_in_cents"] + file["sum_out_cents"]


def test_the_same_export_gives_the_same_bytes(terminal: Callable[..., Terminal]) -> None:
    """The same export before and after a full sync gives the same bytes."""
    here = terminal()
    here.run("sync")
    here.run("export", "lexware", "--period", "2026-09", "--to", str(here.home / "one"))
    here.run("sync", "--full")
    here.run("export", "lexware", "--period", "2026-09", "--to", str(here.home / "two"))
    first, second = (sorted((here.home / name).iterdir()) for name in ("one", "two"))
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second] != []


def test_months_make_the_year(terminal: Callable[..., Terminal]) -> None:
    """The months of a year have together as many rows as the year."""
    here = terminal(size=600)
    here.run("sync")
    whole = here.run("export", "lexware", "--period", "2026", "--json").data
    months = [here.run("export", "lexware", "--period", f"2026-{month:02}", "--json").data for month in range(1, 12)]
    for place, account in enumerate(whole["files"]):
        assert sum(month["files"][place]["rows"] for month in months) == account["rows"]


def test_an_empty_period_is_a_success(terminal: Callable[..., Terminal]) -> None:
    """An empty period is exit code 0, with a sentence and without a file."""
    here = terminal()
    here.run("sync")
    result = here.run("export", "lexware", "--period", "2019")
    assert result.code == 0
    assert "Nothing settled in this period" in result.out
    assert not (here.home / "exports").exists()


def test_an_old_file_is_replaced(terminal: Callable[..., Terminal]) -> None:
    """An empty period replaces the named file of an earlier export, so that it is not imported again."""
    here = terminal()
    here.run("sync")
    file = here.home / "bank.csv"
    for period in ("2026", "2019"):
        assert here.run("export", "lexware", "--period", period, "--account", "0010", "--to", str(file)).code == 0
    assert file.read_text(encoding="utf-8").count("\n") == 1


def test_dry_run_writes_nothing(terminal: Callable[..., Terminal]) -> None:
    """``--dry-run`` shows the rows as a table and writes no file."""
    here = terminal()
    here.run("sync")
    result = here.run("export", "lexware", "--period", "2026-10", "--dry-run")
    assert result.code == 0
    assert "Verwendungszweck" in result.out
    assert "nothing written" in result.out
    assert not (here.home / "exports").exists()


@pytest.mark.parametrize(
    "name", ["Hauptkonto", "hauptkonto", "0010", "DE28100101234711000010", "DE28 1001 0123 4711 0000 10"]
)
def test_an_account_by_any_of_its_names(terminal: Callable[..., Terminal], name: str) -> None:
    """An account is found by its name, its IBAN with or without blanks, or its last four characters."""
    here = terminal()
    here.run("sync")
    result = here.run("export", "lexware", "--period", "2026", "--account", name, "--json")
    assert [file["account"] for file in result.data["files"]] == ["Hauptkonto"]


def test_a_gap_stops_the_file(terminal: Callable[..., Terminal]) -> None:
    """A missing row is exit code 6 of a sync; an export of its period is refused without ``--allow-unproven``."""
    here = terminal(size=450, faults=["row-missing-always"])
    result = here.run("sync")
    assert result.code == 6
    assert "missing between transactions" in result.out
    whole = ("export", "lexware", "--since", "2025-09-01", "--account", "Hauptkonto")
    assert here.run(*whole).code == 6
    assert not (here.home / "exports").exists()
    assert here.run(*whole, "--allow-unproven").code == 0
    assert here.run("run", "lexware", *_LAST_MONTH).code == 6


def test_a_gap_elsewhere_stops_no_other_period(terminal: Callable[..., Terminal]) -> None:
    """A period whose own balance chain is complete is exported, also if a row is missing in another year."""
    here = terminal(size=450, faults=["row-missing-always"])
    here.run("sync")
    assert here.run("export", "lexware", "--period", "2026-11", "--account", "Hauptkonto").code == 0


def test_a_broken_rule_leaves_no_file(terminal: Callable[..., Terminal]) -> None:
    """A row that breaks a rule of the profile stops the export with exit code 7; nothing is written."""
    here = terminal()
    here.run("sync")
    profile = here.home / "mine.toml"
    head = 'title = "t"\nformat = "csv"\nsource = "s"\n'
    profile.write_text(head + 'options.columns = [["Note", "{note}"]]\nrules.required = ["Note"]\n', encoding="utf-8")
    result = here.run("export", str(profile), "--period", "2026")
    assert result.code == 7
    assert "“Note”" in result.err
    assert list((here.home / "exports").iterdir()) == []


def test_check_reports_the_proofs(terminal: Callable[..., Terminal]) -> None:
    """``check`` reports the proof of each account, the hash chain, and whether the bank accepts the key."""
    here = terminal()
    here.run("sync")
    result = here.run("check", "--json")
    assert result.code == 0
    assert result.data["hash_chain"] == "whole"
    assert [account["proven"] for account in result.data["accounts"]] == [True, True, True, None]
    text = here.run("check").out
    assert "Hash chain: whole" in text
    assert "accepted by the bank" in text


def test_a_revoked_key_is_reported(terminal: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused key is exit code 4 with a message and a hint; the bank gets the requests of one round alone."""
    here = terminal()
    monkeypatch.setenv("PRIMANOTA_SECRET_KEY", "wrong")
    result = here.run("sync")
    assert result.code == 4
    assert "does not accept the API key" in result.err
    assert "primanota login" in result.err
    assert here.simulator.requests.count <= 4  # the organisation and its lists


def test_get_prints_the_raw_answer(terminal: Callable[..., Terminal]) -> None:
    """``get`` prints the bank's answer unchanged; a refused path is an error with its reason."""
    here = terminal()
    assert here.run("get", "/v2/labels?per_page=2").data["meta"]["per_page"] == 2
    result = here.run("get", "/v2/nothing")
    assert (result.code, "404" in result.err) == (4, True)
    assert here.run("get", "//elsewhere.example/v2").code == 2


def test_review_lists_what_is_open(terminal: Callable[..., Terminal]) -> None:
    """``review`` lists all open points with their reasons, or those of a period."""
    here = terminal()
    here.run("sync")
    everything = here.run("review", "--json").data["findings"]
    kinds = [finding["kind"] for finding in everything]
    assert list(dict.fromkeys(kinds)) == ["pending", "declined", "unknown-operation", "receipt", "vat"]
    assert {one["reason"] for one in everything if one["kind"] == "unknown-operation"} == {
        "unknown operation type “quantum_settlement”"
    }
    october = [one for one in everything if one["day"].startswith("2026-10")]
    assert october == here.run("review", "--period", "2026-10", "--json").data["findings"] != []
    assert "Nothing is pending" in here.run("review", "--period", "2019").out


@pytest.mark.parametrize("command", ["sync", "run", "check", "get"])
def test_no_secret_is_ever_printed(terminal: Callable[..., Terminal], command: str) -> None:
    """The secret is neither in the output nor in a file, also after a failure."""
    words = {"run": ("run", *_LAST_MONTH, "-v"), "get": ("get", "/v2/labels")}.get(command, (command, "-v"))
    for fault in ("gateway-403", "key-revoked", "html-200", "null-transactions", "amount-missing"):
        here = terminal(faults=[fault], size=120)
        result = here.run(*words)
        assert here.simulator.secret not in result.out + result.err
        assert "Traceback" not in result.err
        files = (file for file in here.home.rglob("*") if file.is_file())
        assert not any(here.simulator.secret.encode() in file.read_bytes() for file in files)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("exprot",), 2, "Did you mean 'export'?"),
        (("export", "lexwar", "--period", "2026"), 2, "Did you mean “lexware”?"),
        (("export", "lexware", "--period", "2026-13"), 2, "is not a period"),
        (("export", "lexware", "--since", "2026-02-30"), 2, "is not a day"),
        (("export", "lexware", "--since", "2026-03-02", "--until", "2026-03-01"), 2, "before it starts"),
        (("export", "lexware", "--period", "2026", "--since", "2026-01-01"), 2, "exclude each other"),
        (("export", "lexware"), 2, "Which days?"),
        (("export", "lexware", "--period", "2026", "--account", "Sparbuch"), 2, "There is no account"),
        (("export", "lexware", "--period", "2026", "--to", "all.csv"), 2, "is one file"),
        (("export", "lexware", "--period", "2026", "--to", "s3://Bucket/books"), 2, "is not a valid bucket name"),
        (("export", "lexware", "--period", "2026", "--to", "https://example.org/books"), 2, "is not a destination"),
        (("export", "lexware", "--period", "2026", "--to", "mailto:ada"), 2, "is not a mail address"),
        (("export", "lexware", "--period", "2026", "--to", "here", "--to", "there"), 2, "two places on this machine"),
        (("run",), 2, "Which days?"),
        (("export", "lexware", "--changed", "--new"), 2, "--changed finds rows of all days"),
        (("export", "lexware", "--changed", "--since", "2026-11-01"), 2, "--changed finds rows of all days"),
        (("export", "lexware", "--new", "--period", "2026"), 2, "Leave --period out"),
        (("export", "lexware", "--new", "--since", "2026-11-02", "--until", "2026-11-01"), 2, "before it starts"),
        (("export", "lexware", "--new", "--since", "soon"), 2, "is not a day"),
        (("export", "lexware", "--new"), 2, "From which day on"),
        (("batches", "show", "9"), 2, "There is no batch 9"),
        (("batches", "again", "9"), 2, "There is no batch 9"),
        (("batches", "undo", "9"), 2, "There is no batch 9"),
        (("batches", "show", "0"), 2, "0 is not a batch number"),
        (("batches", "show", "x"), 2, "x is not a batch number"),
        (("login", "--api-url", "foo"), 2, "There is no host in “foo”."),
        (("login", "--api-url", "https://[x"), 2, "There is no host in “https://[x”."),
        (("batches", "undone"), 2, "Did you mean 'undo'?"),
        (("batches", "3"), 2, "Did you mean 'batches show 3'?"),
        (("profiles", "lexware"), 2, "Did you mean 'profiles show lexware'?"),
        (("review", "27e9956"), 2, "Did you mean 'review accept 27e9956'?"),
        (("completion",), 2, "        bash,\n        zsh,\n        fish\n"),
        (("receipts", "--repair", "--period", "2026"), 2, "--repair looks at every kept file"),
        (("review", "accept"), 2, "ID..."),
        (("review", "accept", "nobody"), 2, "No row has an id that begins with “nobody”"),
        (("sync", "--organisation", "acme"), 2, "There is no organisation “acme”"),
        (("sync", "--fulll"), 2, "--full"),
        (("simulator", "--switch", "nonsense"), 2, "nonsense"),
    ],
)
def test_invalid_words(terminal: Callable[..., Terminal], words: tuple[str, ...], code: int, sentence: str) -> None:
    """An invalid word is exit code 2, and the message suggests the nearest one or says what is wrong."""
    here = terminal(size=0)
    here.run("sync")
    result = here.run(*words)
    assert result.code == code
    assert sentence in result.err
    assert here.run(*words, "--json").data["exit_code"] == code


_KEY = "acme-corp-1234:0f1e2d3c4b5a69788796a5b4c3d2e1f0"


@pytest.mark.parametrize(
    ("settings", "variables", "words"),
    [
        ("", {"LOGIN": _KEY}, ()),
        ("", {"LOGIN": _KEY.replace(":", " ")}, ()),
        ("", {}, ("--organisation", _KEY)),
        (f'default = "{_KEY}"', {}, ()),
        (f'[organisation."{_KEY}"]', {}, ()),
        (f'[organisation."{_KEY}"]', {}, ("--organisation", "acme")),
        ("", {"LOGIN": "acme", "SECRET": _KEY}, ()),
        ("", {"LOGIN": "acme", "SECRET_KEY": _KEY}, ()),
        ("", {"LOGIN": "acme", "SECRET_KEY": "x", "API_URL": f"http://{_KEY}@bank.example"}, ()),
        ("", {"LOGIN": "acme", "SECRET_KEY": "x", "BOOK": f"s3://{_KEY}@bucket/a.book"}, ()),
    ],
)
def test_a_key_in_a_wrong_place_is_not_printed(
    settings: str,
    variables: dict[str, str],
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A key that was pasted where a login, a reference or an address belongs is not in the error."""
    (tmp_path / "config.toml").write_text(settings, encoding="utf-8")
    for name, value in {"HOME": str(tmp_path), **variables}.items():
        monkeypatch.setenv(f"PRIMANOTA_{name}", value)
    code = main(["sync", "--json", *words])
    out, err = capsys.readouterr()
    assert (code in {2, 3}, "Error: " in err, '"exit_code": ' in out) == (True, True, True)
    assert _KEY.partition(":")[2] not in out + err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--period", "foo"), "“foo” is not a period."),
        (("--since", "nonsense"), "“nonsense” is not a day."),
        (("--new", "--since", "nonsense"), "“nonsense” is not a day."),
        (("--new", "--until", "nonsense"), "“nonsense” is not a day."),
        (("--until", "2026-11-01"), "Which days?"),
        (("--new", "--period", "2026"), "finds rows of all days"),
        (("--changed", "--since", "2026-11-01"), "finds rows of all days"),
    ],
)
def test_invalid_days_are_refused_before_a_request(
    terminal: Callable[..., Terminal], words: tuple[str, ...], sentence: str
) -> None:
    """``run`` refuses invalid days before it sends a request to the bank."""
    here = terminal(size=0)
    result = here.run("run", *words)
    assert (result.code, sentence in result.err, here.simulator.requests.count) == (2, True, 0)


def test_a_given_path_without_a_book_is_refused(desk: Terminal) -> None:
    """A given path without a book is an error that names it, so that a typo does not create a second book."""
    result = desk.run("batches", "--book", "/nope/x.book")
    assert (result.code, "There is no book at /nope/x.book." in result.err) == (3, True)


def test_a_demo_whose_folder_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A demo whose folder is a file fails with a message, and the file stays."""
    place = tmp_path / "taken"
    place.write_text("mine", encoding="utf-8")
    assert main(["demo", "--to", str(place)]) == 8
    assert f"{place} is not a folder." in capsys.readouterr().err
    assert place.read_text(encoding="utf-8") == "mine"


def test_without_credentials(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials the error says how to log in; commands that read a book do not create an empty one."""
    assert main(["sync"]) == 3
    assert "primanota login" in capsys.readouterr().err
    monkeypatch.setenv("PRIMANOTA_LOGIN", "acme-1")
    assert main(["review"]) == 3
    assert "primanota run lexware --new" in capsys.readouterr().err


def test_errors_as_json(terminal: Callable[..., Terminal]) -> None:
    """With ``--json`` an error is a JSON document with its exit code, also a usage error."""
    here = terminal(faults=["down"])
    result = here.run("sync", "--json")
    assert (result.code, result.data["exit_code"]) == (5, 5)
    assert here.run("sync", "--json", "--nonsense").data["exit_code"] == 2


@pytest.mark.parametrize("words", [("sync",), ("check",), ("run", "--period", "2026-10")])
def test_unproven_accounts_as_json(terminal: Callable[..., Terminal], words: tuple[str, ...]) -> None:
    """With ``--json`` an unproven account is in the one document of the command, with its reasons."""
    here = terminal(size=450, faults=["row-missing-always"])
    here.run("sync")
    result = here.run(*words, "--json")
    assert result.code == 6
    assert any(account["reasons"] for account in result.data["accounts"])


def test_an_old_pending_row_is_not_forgotten(terminal: Callable[..., Terminal]) -> None:
    """A run that reviews one month reports that there are open points on other days."""
    result = terminal().run("run", "lexware", "--period", "2019")
    assert "in the period 2019-01-01 to 2019-12-31" in result.out
    assert "more of other days" in result.out


def test_every_command_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    """``--help`` of every command shows an example."""
    context = click.Context(primanota)
    for name in primanota.list_commands(context):
        command = primanota.get_command(context, name)
        inner = command.list_commands(context) if isinstance(command, click.Group) else []
        for words in ([name], *([name, below] for below in inner)):
            assert main([*words, "--help"]) == 0
            assert f"Example: primanota {' '.join(words)}" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("words", [(), ("schedule",)])
def test_no_words_show_the_help(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Without a command the help is shown on stderr, line by line as by ``--help``, with exit code 2."""
    assert main([*words, "--help"]) == 0
    shown = capsys.readouterr().out
    assert main([*words]) == 2
    assert capsys.readouterr().err == shown
