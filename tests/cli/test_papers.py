"""``primanota papers``: the description of the procedure and the log of receptions, against a simulated bank."""

import csv
import platform
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader

from primanota import __version__
from primanota.papers.description import LANGUAGES
from tests.support import environment
from tests.support.clock import BERLIN
from tests.support.command_line import Terminal

Make = Callable[..., Terminal]
_GOLDENS = Path(__file__).parents[1] / "golden" / "papers"
# What would claim more than a program can know.
_CLAIMS = re.compile(
    r"zertifizier|GoBD-konform|revisionssicher|ordnungsmäßig geführt|rechtssicher|garantiert|certified|compliant"
    r"|certifié|conforme (à|aux)|inaltérable|tamper-proof",
    re.IGNORECASE,
)


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
    text = re.sub(r"http://127\.0\.0\.1:\d+", "https://bank.example", text).replace(f"{here.home}", "/home/ada")
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
    shown = re.sub(r"`[0-9a-f]{64}`", "`HASH`", re.sub(r"\b[0-9a-f]{16}\b", "HASH", shown))
    golden = _GOLDENS / f"{language}.md"
    if request.config.getoption("--update-goldens"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_claims_no_certificate(language: str) -> None:
    """The description supports a procedure; in no language does it say that the program is certified or compliant."""
    text = (_GOLDENS / f"{language}.md").read_text(encoding="utf-8")
    assert not _CLAIMS.findall(text)


def test_all_languages_say_the_same() -> None:
    """Each language has the same sections, tables, rows and items, in the same order."""

    def shape(language: str) -> Iterator[str]:
        for line in (_GOLDENS / f"{language}.md").read_text(encoding="utf-8").splitlines():
            if line.startswith(("#", "|", "`")) or re.match(r"\d+\. ", line):
                yield re.sub(r"[^#|`\d]+", "", line.split(". ")[0] if line[0] in "#0123456789" else line[0])

    german, *others = (list(shape(one)) for one in ("de", "en", "fr"))
    assert all(german == other for other in others)
    assert len(german) > 60


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
    assert [(one["new"], one["changed"]) for one in third if one["account"]] == [("0", "1")]
    assert {one["result"] for one in rows} == {"done"}
    assert len({one["hash_afterwards"] for one in rows}) == 3
    assert all(re.fullmatch("[0-9a-f]{64}", one["hash_afterwards"]) for one in rows)
    began = filled.clock().astimezone(BERLIN)
    assert third[0]["began"] == f"{began:%Y-%m-%d %H:%M:%S}"


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


def test_settings_are_described(filled: Terminal, tmp_path: Path) -> None:
    """People, destinations, mail server, receipts and the place of the key come from the settings, signs and all."""
    login = filled.simulator.login
    (filled.home / "config.toml").write_text(
        f"""default = "{login}"
[organisation.{login}]
secret = "command:pass show *qonto*"
responsible = "Ada <Lovelace> | *Byron*"
adviser = "Kanzlei_Muster"
to = ["~/Books", "mailto:ada@example.com"]
receipts = true
[organisation.{login}.mail]
from = "books@example.com"
server = "smtp.example.com:587"
""",
        encoding="utf-8",
    )
    text = written(filled, tmp_path / "papers", "--language", "en")[".md"].read_text(encoding="utf-8")
    for stated in (
        r"| Ada \<Lovelace\> \| \*Byron\* |",
        r"| Kanzlei\_Muster |",
        r"\~/Books, mailto:ada@example.com",
        "Mails are sent by books@example.com through smtp.example.com:587.",
        "Receipts and statements are fetched after each reading.",
    ):
        assert stated in text, stated
    assert "pass show" not in text


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
    """``pdftotext``, where the machine has it, reads the German umlauts and the euro's neighbours as they are."""
    files = written(filled, tmp_path / "papers", "--language", "de")
    try:
        done = environment.run(["pdftotext", "-layout", files[".pdf"], "-"])
    except FileNotFoundError:
        pytest.skip("pdftotext is not on this machine")
    assert "Vollständigkeit und Unveränderbarkeit" in done.stdout
