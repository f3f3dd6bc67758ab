"""``primanota papers``: the description of the procedure and the log of receptions, against a simulated bank."""

import csv
import platform
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader

from primanota import __version__
from primanota.papers.description import LANGUAGES
from tests.support import environment
from tests.support.banks.consented import consenting
from tests.support.banks.shy_bank import hide_row, refuse_account, unlist_account
from tests.support.clock import BERLIN, Clock
from tests.support.screens.command_line import Terminal
from tests.support.servers import s3_server
from tests.support.servers.s3_server import BUCKET, Cloud

Make = Callable[..., Terminal]
cloud = s3_server.cloud
_GOLDENS = Path(__file__).parents[1] / "golden" / "papers"


@pytest.fixture
def filled(terminal: Make) -> Terminal:
    """Return a command line with a synced book and an export."""
    made = terminal(size=120)
    made.sync()
    assert made.run("export", "lexware", "--period", "2026-10").code == 0
    return made


def written(here: Terminal, folder: Path, *more: str) -> dict[str, Path]:
    """Write the papers; return each file by its suffix."""
    done = here.run("papers", "--to", f"{folder}", "--json", *more)
    assert done.code == 0, done.err
    return {Path(one["path"]).suffix: Path(one["path"]) for one in done.data["files"]}


def log(files: dict[str, Path]) -> list[dict[str, str]]:
    """Return the rows of the log."""
    with files[".csv"].open(encoding="utf-8-sig", newline="") as lines:
        return [*csv.DictReader(lines)]


def _general(text: str, here: Terminal) -> str:
    """Return a description without what depends on the machine of the test."""
    text = re.sub(r"http://127\.0\.0\.1:\d+", "http://bank.example", text).replace(f"{here.home}", "/home/ada")
    text = text.replace(re.sub("_", r"\\_", f"{here.home}"), "/home/ada")
    return text.replace(platform.python_version(), "3.99").replace(
        f"{platform.system()} {platform.machine()}", "System"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_description_is_the_golden_one(
    filled: Terminal, tmp_path: Path, language: str, request: pytest.FixtureRequest
) -> None:
    """The invented company has the same description in each language, word for word."""
    files = written(filled, tmp_path / "papers", "--language", language)
    shown = _general(files[".md"].read_text(encoding="utf-8"), filled).replace(__version__, "VERSION")
    shown = re.sub(r"SQLite, (\w+) \d+", r"SQLite, \1 NUMBER", shown)
    shown = re.sub(r"`[0-9a-f]{64}`", "`HASH`", re.sub(r"\b[0-9a-f]{16}\b", "HASH", shown))
    golden = _GOLDENS / f"{language}.md"
    if request.config.getoption("--update-goldens"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


def test_the_pdf_says_what_the_markdown_says(filled: Terminal, tmp_path: Path) -> None:
    """Every word of the Markdown is in the PDF, whose pages are numbered and whose sections are its outline."""
    files = written(filled, tmp_path / "papers", "--language", "de")
    reader = PdfReader(files[".pdf"])
    shown = "".join("".join(page.extract_text() for page in reader.pages).split())
    stated = re.sub(r"\\(.)", r"\1", files[".md"].read_text(encoding="utf-8"))
    for word in re.sub(r"[|*`#]|---?:?", " ", stated).split():
        assert word in shown, word
    assert [one["/Title"] for one in reader.outline if not isinstance(one, list)] == re.findall(
        r"^## (.*)$", stated, re.MULTILINE
    )
    assert len(reader.pages) > 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_real_programs_read_the_pdf(filled: Terminal, tmp_path: Path, language: str) -> None:
    """The PDF states PDF/A-2u, embeds its fonts, and pypdf reads its language."""
    files = written(filled, tmp_path / "papers", "--language", language)
    content = files[".pdf"].read_bytes()
    assert b"<pdfaid:part>2</pdfaid:part>" in content
    assert b"<pdfaid:conformance>U</pdfaid:conformance>" in content
    assert f"{PdfReader(files['.pdf']).root_object['/Lang']}" == language


def test_the_same_question_gives_the_same_bytes(filled: Terminal, tmp_path: Path) -> None:
    """Again at the same moment nothing is written; later, beside a changed file, a new one with a number."""
    files = written(filled, tmp_path / "papers")
    done = filled.run("papers", "--to", f"{tmp_path / 'papers'}", "--json")
    assert [one["new"] for one in done.data["files"]] == [False, False, False]
    files[".md"].write_text("completed by hand", encoding="utf-8")
    again = written(filled, tmp_path / "papers")
    assert again[".md"].stem == f"{files['.md'].stem}_2"
    assert files[".md"].read_text(encoding="utf-8") == "completed by hand"
    assert again[".pdf"] == files[".pdf"]
    assert not [*(tmp_path / "papers").glob(".*")]


def test_the_log_has_each_reading_with_its_result(filled: Terminal, tmp_path: Path) -> None:
    """New, changed and vanished rows are counted for each account and reading, with the hash that followed."""
    key = filled.arrive(2)[0]
    filled.edit(key, note="Nachtrag")
    rows = log(written(filled, tmp_path / "papers"))
    readings = {row["reading"]: [one for one in rows if one["reading"] == row["reading"]] for row in rows}
    first, second, third = readings.values()
    bank = filled.simulator.bank
    completed = sum(1 for account in bank.account_ids() for _ in bank.truth(account))
    assert sum(int(one["new"]) for one in first) <= completed
    assert sum(int(one["new"]) for one in second) == 2
    assert sorted((one["new"], one["changed"]) for one in third if one["iban"]) == [
        ("0", "0"),
        ("0", "0"),
        ("0", "1"),
    ]
    assert {one["proof"] for one in rows if one["iban"]} == {"proven"}
    begun = {one["account"]: one["read_from_utc"] for one in first if one["account"]}
    assert set(begun.values()) == {"beginning"}
    assert {one["account"]: one["read_from_utc"] for one in third if one["account"]} == {
        one["account"]: one["read_to_utc"] for one in second if one["account"]
    }
    assert {one["result"] for one in rows} == {"done"}
    assert len({one["hash_afterwards"] for one in rows}) == 3
    assert all(re.fullmatch("[0-9a-f]{64}", one["hash_afterwards"]) for one in rows)
    began = filled.clock().astimezone(BERLIN)
    assert third[0]["began"] == f"{began:%Y-%m-%d %H:%M:%S}"


def test_an_account_that_is_not_proven_is_in_the_log(
    filled: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reading that could not prove an account says so with the reason, and the next one begins where it did."""
    filled.clock.advance(minutes=1)
    (key,) = filled.simulator.bank.arrive(1)
    with monkeypatch.context() as patch:
        hide_row(patch, filled.simulator, key)
        filled.clock.advance(minutes=1)
        assert filled.run("sync").code == 6
    filled.sync()
    files = written(filled, tmp_path / "papers", "--language", "en")
    _, doubtful, proven = (one for one in log(files) if one["account"] == "Hauptkonto")
    assert (doubtful["proof"], doubtful["result"], doubtful["read_to_utc"]) == ("doubtful", "done", "")
    assert "the bank's balance" in doubtful["reasons"]
    assert (proven["proof"], proven["reasons"]) == ("proven", "")
    assert proven["read_from_utc"] == doubtful["read_from_utc"]
    assert re.search(r"\| 2026-11 \| 3 \| 0 \| 1 \|", files[".md"].read_text(encoding="utf-8"))


def test_accounts_that_cannot_be_read(filled: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that the bank refused, and one that it closed, are in log and description with their states."""
    refuse_account(monkeypatch, filled.simulator, 0, 409)
    unlist_account(monkeypatch, 1)
    filled.clock.advance(minutes=1)
    assert filled.run("sync").code == 6
    files = written(filled, tmp_path / "papers", "--language", "en")
    rows = {one["account"]: one for one in log(files) if one["reading"] != "1"}
    refused, closed = rows["Hauptkonto"], rows["Steuerrücklage"]
    assert (refused["proof"], bool(refused["reasons"]), refused["read_from_utc"]) == ("partial", True, "")
    assert (closed["proof"], closed["reasons"], closed["read_from_utc"]) == ("gone", "", "")
    text = files[".md"].read_text(encoding="utf-8")
    states = {
        name: row.split(" | ")[5] for name in rows for row in re.findall(rf"^\| {name} \|.*$", text, re.MULTILINE)
    }
    assert len(set(states.values())) > 2, states


def test_a_period_and_a_format(filled: Terminal, tmp_path: Path) -> None:
    """``--period`` takes the readings of its days into log and sums, ``--format`` writes what it names alone."""
    filled.clock.advance(days=40)
    filled.sync()
    whole = log(written(filled, tmp_path / "whole"))
    files = written(filled, tmp_path / "part", "--format", "csv", "--period", "2026-11")
    assert [*files] == [".csv"]
    assert files[".csv"].name.endswith("_2026-11.csv")
    part = log(files)
    assert part == [row for row in whole if row["began"].startswith("2026-11")]
    assert 0 < len(part) < len(whole)
    text = written(filled, tmp_path / "part", "--format", "md", "--since", "2026-12-01", "--language", "en")[".md"]
    shown = text.read_text(encoding="utf-8")
    assert "| 2026-11 |" not in shown
    assert re.search(r"The sums are those of \S*0?1\S*.*2026", shown)
    assert filled.run("papers", "--format", "docx").code == 2
    assert filled.run("papers", "--period", "nonsense", "--to", f"{tmp_path / 'no'}").code == 2
    assert not (tmp_path / "no").exists()


def test_every_request_is_in_the_description(filled: Terminal, tmp_path: Path) -> None:
    """What the program asks of the bank, receipts and statements included, is among the described requests."""
    filled.clock.advance(minutes=1)
    assert filled.run("receipts").code == 0
    assert filled.run("statements").code == 0
    text = written(filled, tmp_path / "papers", "--format", "md")[".md"].read_text(encoding="utf-8")
    described = [re.escape(one).replace("…", "[^/]+") for one in re.findall(r"`(/v2/[^`]+)`", text)]
    asked = {path for path, _ in filled.simulator.requests if path.startswith("/v2/")}
    assert len(asked) > 5
    assert {path for path in asked if not any(re.fullmatch(f"{one}(/[^/]+)?", path) for one in described)} == set()


def test_a_reading_that_failed_is_in_the_log(filled: Terminal, tmp_path: Path) -> None:
    """A reading that the bank refused is in the log with its error, and in the description as not ended."""
    filled.simulator.choose_faults(["down"])
    filled.clock.advance(minutes=1)
    assert filled.run("sync").code != 0
    files = written(filled, tmp_path / "papers", "--language", "en")
    last = log(files)[-1]
    assert last["result"] not in {"done", ""}
    assert (last["new"], last["account"]) == ("0", "")
    assert re.search(r"\| 2026-\d\d \| 2 \| 1 \|", files[".md"].read_text(encoding="utf-8"))


def test_no_secret_is_in_the_papers(filled: Terminal, tmp_path: Path) -> None:
    """The key is in no file of the papers; where it is kept is said."""
    files = written(filled, tmp_path / "papers", "--language", "en")
    for path in files.values():
        assert filled.simulator.secret.encode() not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0
    assert "in its environment at each start" in files[".md"].read_text(encoding="utf-8").replace("\n", " ")


@pytest.mark.parametrize(
    ("reference", "stated", "hidden"),
    [
        ("command:printf private-words", "printed by a command", "private-words"),
        ("secretsmanager:acme#qonto", "(secretsmanager:acme\\#qonto)", "printed by a command"),
        ("keyring", "(keyring)", "printed by a command"),
    ],
)
def test_a_reference_is_named_but_no_words_of_a_command(
    filled: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str, stated: str, hidden: str
) -> None:
    """Where the secret is comes from the settings: its reference, but of a command only that there is one."""
    monkeypatch.delenv("PRIMANOTA_SECRET_KEY")
    settings = f'[organisation.{filled.simulator.login}]\nsecret = "{reference}"\n'
    (filled.home / "config.toml").write_text(settings, encoding="utf-8")
    text = written(filled, tmp_path / "papers", "--language", "en", "--format", "md")[".md"].read_text(
        encoding="utf-8"
    )
    assert stated in text
    assert hidden not in text


def test_settings_are_described(filled: Terminal, tmp_path: Path) -> None:
    """People, destinations, mail server, receipts and the place of the key come from the settings, signs and all."""
    login = filled.simulator.login
    (filled.home / "config.toml").write_text(
        f"""default = "{login}"
[organisation.{login}]
secret = "command:pass show *qonto*"
address = "Hauptstr. 1, 10115 Berlin"
responsible = "Ada <Lovelace> | *Byron*"
adviser = "Kanzlei_Muster"
to = ["~/Books", "mailto:ada@example.com"]
receipts = true
[organisation.{login}.mail]
from = "books@example.com"
server = "smtp.example.com:587"
password = "command:pass show mail"
[organisation.{login}.close]
to = ["s3://files/packs/"]
[organisation.other-company-1]
[firm]
to = ["office@example.com"]
""",
        encoding="utf-8",
    )
    text = (
        written(filled, tmp_path / "papers", "--language", "en")[".md"].read_text(encoding="utf-8").replace("\n", " ")
    )
    for stated in (
        r"| Ada \<Lovelace\> \| \*Byron\* |",
        r"| Kanzlei\_Muster |",
        r"\~/Books, mailto:ada@example.com",
        "Mails are sent by books@example.com through smtp.example.com:587.",
        "Receipts and statements are fetched after each reading.",
        "| Hauptstr. 1, 10115 Berlin |",
        "The settings have 2 companies.",
        "goes to office@example.com.",
        "From day 1 of a month on, the run closes the one before; the pack goes to: s3://files/packs/.",
        "encrypted by the store (AES256)",
        "The file of the book has the mode 0600 now.",
    ):
        assert stated in text, stated
    assert "pass show" not in text


def test_a_book_that_others_may_read_is_told(filled: Terminal, tmp_path: Path) -> None:
    """The description states the permissions of the book as they are, and says if they are too wide."""
    filled.book.chmod(0o644)
    text = written(filled, tmp_path / "papers", "--language", "en", "--format", "md")[".md"].read_text(
        encoding="utf-8"
    )
    assert "has the mode 0644 now: that is wider than the program makes it" in " ".join(text.split())


def test_a_book_in_a_bucket(terminal: Make, tmp_path: Path, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a book in a bucket the description states the place, the encryption, and no permissions of a file."""
    here = terminal(size=10)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", cloud.url)
    monkeypatch.setenv("PRIMANOTA_BOOK", f"s3://{BUCKET}/books/a.book")
    here.sync()
    text = written(here, tmp_path / "papers", "--language", "en", "--format", "md")[".md"].read_text(encoding="utf-8")
    assert f"s3://{BUCKET}/books/a.book" in text
    assert "The book is in a store on the network." in text
    assert "(AES256)" in text
    assert "has the mode" not in text


def test_a_consent_is_described_without_its_tokens(clock: Clock, tmp_path: Path) -> None:
    """Of a consent the scopes, the end and the place of the tokens are stated, and none of the tokens."""
    with consenting(tmp_path / "home", clock, size=10) as here:
        here.log_in()
        assert here.run("sync").returncode == 0
        done = here.run("papers", "--to", f"{tmp_path / 'papers'}", "--language", "en")
        assert done.returncode == 0, done.stderr
        files = [*(tmp_path / "papers").iterdir()]
        assert len(files) == 3
        for path in files:
            for token in (here.tokens.access, here.tokens.refresh):
                assert token.reveal().encode() not in path.read_bytes()
        text = " ".join(next(one for one in files if one.suffix == ".md").read_text(encoding="utf-8").split())
    for stated in ("consent of a person (OAuth 2.0).", "organization.read, offline", "(oauth:file)"):
        assert stated in text.replace("\\_", "_"), stated
    assert re.search(r"The consent ends on \S+ ?\w* ?\d* unless it is renewed", text)


def test_an_empty_book_has_papers_too(terminal: Make, tmp_path: Path) -> None:
    """Without a book there is one sentence; a bucket as a place is refused; nothing is written."""
    here = terminal(size=10)
    done = here.run("papers", "--to", f"{tmp_path / 'papers'}")
    assert done.code != 0
    assert "primanota sync" in done.err or "primanota run" in done.err
    here.sync()
    refused = here.run("papers", "--to", "s3://bucket/papers/")
    assert refused.code == 2
    assert not (tmp_path / "papers").exists()


def test_foreign_programs_check_the_pdf(filled: Terminal, tmp_path: Path) -> None:
    """Where the machine has them, ``qpdf`` finds no error, and ``pdftotext`` reads the umlauts as they are."""
    files = written(filled, tmp_path / "papers", "--language", "de")
    programs: dict[str, list[str | Path]] = {
        "qpdf": ["--check", files[".pdf"]],
        "pdftotext": ["-layout", files[".pdf"], "-"],
    }
    present = [name for name in programs if shutil.which(name)]
    if not present:
        pytest.skip("neither qpdf nor pdftotext is on this machine")
    for name in present:
        done = environment.run([name, *programs[name]])
        assert done.returncode == 0, done.stderr
        assert ("Vollständigkeit und Unveränderbarkeit" if name == "pdftotext" else "No syntax") in done.stdout


def test_completed_rows_alone_are_counted(filled: Terminal, tmp_path: Path) -> None:
    """The numbers of rows of the accounts are those of completed rows, as the description says, not of all rows."""
    shown = written(filled, tmp_path / "papers", "--language", "en")[".md"].read_text(encoding="utf-8")
    for one in filled.run("check", "--json").data["accounts"]:
        assert re.search(rf"\| {one['account']} \| .* \| EUR \| {one['rows']} \|", shown), one
