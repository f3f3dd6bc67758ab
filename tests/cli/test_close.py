"""``primanota close``: the pack of a month, against a simulated bank with receipts on another host."""

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from primanota.book import Book
from primanota.core.language.catalogue import LANGUAGES
from tests.support import environment, readers
from tests.support.screens.command_line import Terminal

Make = Callable[..., Terminal]
MONTH = "2026-10"
_GOLDEN = Path(__file__).parents[1] / "golden" / "close" / "pack.txt"


@pytest.fixture
def filled(terminal: Make, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return a command line with a synced book and its receipts."""
    monkeypatch.setenv("PRIMANOTA_RECEIPTS", "true")
    made = terminal(size=120)
    made.sync()
    return made


def packed(here: Terminal, folder: Path, *more: str, month: str = MONTH) -> Path:
    """Close a month, and return its pack."""
    done = here.run("close", month, "--to", f"{folder}", "--json", *more)
    assert done.code == 0, done.err
    return folder / str(done.data["name"])


def table(pack: Path, name: str) -> list[dict[str, str]]:
    """Return the lines of a table of a pack."""
    with zipfile.ZipFile(pack) as found:
        return [*csv.DictReader(io.StringIO(found.read(name).decode("utf-8-sig"), newline=""))]


def manifest(pack: Path) -> Any:  # noqa: ANN401 - a JSON value
    """Return the manifest of a pack."""
    with zipfile.ZipFile(pack) as found:
        return json.loads(found.read("manifest.json"))


def text_of(pack: Path, beginning: str = "certificate") -> list[str]:
    """Return the text of each PDF of a pack whose name begins so."""
    with zipfile.ZipFile(pack) as found:
        names = [name for name in found.namelist() if name.startswith(beginning)]
        readers = [PdfReader(io.BytesIO(found.read(name))) for name in names]
        assert all(len(one.pages) == 1 for one in readers)
        return [one.pages[0].extract_text().replace("\n", " ") for one in readers]


def october_row(here: Terminal) -> str:
    """Return the id of a row that settled in October."""
    bank = here.simulator.bank
    rows = [row for account in bank.account_ids() for row in bank.truth(account)]
    return str(next(row["id"] for row in rows if (row["settled_at"] or "").startswith("2026-10-1")))


def test_real_programs_verify_a_pack(filled: Terminal, tmp_path: Path) -> None:
    """``unzip -t`` and ``sha256sum -c`` confirm every file of a pack."""
    pack = packed(filled, tmp_path / "packs", "--for", "lexware")
    assert environment.run(["unzip", "-tq", pack]).returncode == 0
    inside = tmp_path / "inside"
    with zipfile.ZipFile(pack) as found:
        found.extractall(inside)
    done = environment.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=inside, check=True)
    files = {path.relative_to(inside).as_posix() for path in inside.rglob("*") if path.is_file()}
    assert {line.removesuffix(": OK") for line in done.stdout.splitlines()} == files - {"SHA256SUMS"}
    stated = {one["path"] for one in manifest(pack)["files"]}
    assert stated == files - {"SHA256SUMS", "manifest.json"}


def test_foreign_programs_read_every_pdf(filled: Terminal, tmp_path: Path) -> None:
    """Qpdf finds no mistake in any PDF of a pack; pdftotext reads the company's name from each certificate."""
    with zipfile.ZipFile(packed(filled, tmp_path / "packs", "--for", "lexware")) as found:
        found.extractall(tmp_path / "inside")
    pages = sorted((tmp_path / "inside").rglob("*.pdf"))
    assert {path.parent.name for path in pages} == {"inside", "receipts", "statements"}
    for path in pages:
        assert "No syntax or stream encoding errors found" in readers.run("qpdf", "--check", f"{path}").stdout
        text = readers.run("pdftotext", f"{path}", "-").stdout
        assert path.parent.name != "inside" or "Morgenrot Fahrradbau GmbH" in text, path


def test_every_row_of_the_month_is_in_the_index(filled: Terminal, tmp_path: Path) -> None:
    """The index has every row of the month once, and each receipt that it names is in the pack with that hash."""
    pack = packed(filled, tmp_path)
    bank = filled.simulator.bank
    rows = [row for account in bank.account_ids() for row in bank.truth(account) if row["status"] == "completed"]
    # The company's days are those of Berlin.
    wanted = {row["id"] for row in rows if "2026-09-30T22:00" <= row["settled_at"] < "2026-10-31T23:00"}
    index = table(pack, "index.csv")
    assert sorted(line["row"] for line in index) == sorted(wanted)
    hashes = {one["path"]: one["sha256"] for one in manifest(pack)["files"]}
    pairs = [zip(line["receipts"].split(), line["sha256"].split(), strict=True) for line in index]
    named = dict(pair for some in pairs for pair in some)
    assert named
    assert named.items() <= hashes.items()
    assert {path for path in hashes if path.startswith("receipts/")} == named.keys()


def test_the_same_question_gives_the_same_bytes(filled: Terminal, tmp_path: Path) -> None:
    """A month is closed again with the same bytes, also weeks, rows and exports later."""
    only = ("--for", "camt-de", "--account", "Hauptkonto")
    first = packed(filled, tmp_path / "first", *only)
    filled.clock.advance(days=3)
    filled.arrive(2)
    assert filled.run("export", "camt-de", "--new", "--since", "2026-10-15", "--account", "Hauptkonto").code == 0
    again = packed(filled, tmp_path / "again", *only)
    assert again.name == first.name
    assert again.read_bytes() == first.read_bytes()


def test_a_month_is_not_recorded_as_an_export(filled: Terminal, tmp_path: Path) -> None:
    """A close makes no batch: the rows are as new as before, and the index names the batches that have them."""
    filled.run("export", "lexware", "--period", MONTH)
    before = filled.run("batches", "--json").data
    pack = packed(filled, tmp_path)
    assert filled.run("batches", "--json").data == before
    assert {line["batches"] for line in table(pack, "index.csv")} <= {
        "",
        *(f"{one['batch']}" for one in before["batches"]),
    }


def test_a_file_that_was_written_twice_is_named_once(filled: Terminal, tmp_path: Path) -> None:
    """The certificate names each file that has the month's rows already, also if it was exported twice, once."""
    for _ in range(2):
        filled.run("export", "lexware", "--period", MONTH, "--account", "0010")
    assert "".join(text_of(packed(filled, tmp_path / "pack"))).count("lexware_hauptkonto-0010_2026-10.csv") == 2


def test_a_month_that_is_not_over(filled: Terminal, tmp_path: Path) -> None:
    """A month that is not over is refused with exit 6; closed all the same, every page says so."""
    refused = filled.run("close", "2026-11", "--to", f"{tmp_path}")
    assert (refused.code, list(tmp_path.glob("*.zip"))) == (6, [])
    assert "The month 2026-11 is not over: it ends on 2026-11-30." in refused.err
    pack = packed(filled, tmp_path, "--allow-unproven", month="2026-11")
    assert not manifest(pack)["complete"]
    pages = text_of(pack)
    assert pages
    assert all("Vollständigkeit nicht nachgewiesen" in page for page in pages)
    with zipfile.ZipFile(pack) as found:
        assert "ACHTUNG" in found.read("README.txt").decode()


def test_a_month_that_was_not_read_to_its_end(filled: Terminal, tmp_path: Path) -> None:
    """A month is refused with exit 6 if the last sync was before its end."""
    filled.clock.advance(days=10)
    refused = filled.run("close", "2026-11", "--to", f"{tmp_path}")
    assert refused.code == 6
    assert "was last read before the end of 2026-11" in refused.err


def test_a_month_with_a_gap(terminal: Make, tmp_path: Path) -> None:
    """The month in which money is missing is refused with exit 6; a month before it is closed."""
    here = terminal(size=120, faults=["balance-gap@last"])
    here.run("sync")
    refused = here.run("close", "2026-11", "--to", f"{tmp_path}")
    assert refused.code == 6
    here.clock.advance(days=10)
    here.run("sync")
    refused = here.run("close", "2026-11", "--to", f"{tmp_path}")
    assert (refused.code, "Hauptkonto is not proven in 2026-11 (doubtful)" in refused.err) == (6, True)
    packed(here, tmp_path)


def test_only_months_are_closed(filled: Terminal) -> None:
    """A period that is not one month is refused."""
    refused = filled.run("close", "2026-Q3")
    assert (refused.code, "is not a month" in refused.err) == (2, True)


def test_a_change_after_the_close(filled: Terminal, tmp_path: Path) -> None:
    """What changes in a closed month is listed by a review, until a second edition tells it."""
    first = packed(filled, tmp_path)
    row = october_row(filled)
    filled.clock.advance(days=1)
    filled.edit(row, reference="Corrected later")
    (found,) = [one for one in filled.run("review", "--json").data["findings"] if one["kind"] == "after-close"]
    assert (found["id"], found["reason"]) == (row, "changed after the close of 2026-10")
    second = packed(filled, tmp_path)
    assert second.name == first.name.replace(".zip", "_edition-2.zip")
    assert (manifest(second)["edition"], manifest(second)["later"]) == (2, 1)
    (line,) = table(second, "after-the-close.csv")
    assert (line["month"], line["row"], line["change"], line["after"]) == (MONTH, row, "changed", "Corrected later")
    assert any("sie ersetzt die Ausgabe 1" in page for page in text_of(second))
    assert "after-close" not in {one["kind"] for one in filled.run("review", "--json").data["findings"]}
    assert packed(filled, tmp_path / "again").read_bytes() == second.read_bytes()


def test_a_row_that_vanishes_after_the_close(filled: Terminal, tmp_path: Path) -> None:
    """A row that is not in the closed month any more is told as removed."""
    packed(filled, tmp_path)
    row = october_row(filled)
    filled.clock.advance(days=1)
    filled.simulator.bank.reverse(row)
    filled.clock.advance(minutes=1)
    assert filled.run("sync", "--full").code == 0
    (line,) = table(packed(filled, tmp_path), "after-the-close.csv")
    assert (line["row"], line["change"]) == (row, "removed")


def test_the_next_month_tells_what_changed(filled: Terminal, tmp_path: Path) -> None:
    """The pack of the next month tells what changed in the month before since it was closed."""
    packed(filled, tmp_path)
    row = october_row(filled)
    filled.edit(row, note="Told in November")
    filled.clock.advance(days=10)
    filled.sync()
    november = packed(filled, tmp_path, month="2026-11")
    assert [(line["month"], line["row"]) for line in table(november, "after-the-close.csv")] == [(MONTH, row)]
    assert "after-close" not in {one["kind"] for one in filled.run("review", "--json").data["findings"]}


def test_a_change_after_the_close_is_put_away(filled: Terminal, tmp_path: Path) -> None:
    """A change after a close can be put away, and that can be taken back."""
    packed(filled, tmp_path)
    row = october_row(filled)
    filled.clock.advance(days=1)
    filled.edit(row, reference="Corrected later")

    def kinds() -> set[str]:
        found = filled.run("review", "--json").data["findings"]
        return {one["kind"] for one in found if one["id"] == row}

    assert kinds() >= {"after-close"}
    assert filled.run("review", "accept", row, "--kind", "after-close").code == 0
    assert "after-close" not in kinds()
    accepted = filled.run("review", "--accepted", "--json").data["findings"]
    assert [(one["id"], one["kind"]) for one in accepted] == [(row, "after-close")]
    assert filled.run("review", "reopen", row).code == 0
    assert "after-close" in kinds()


def test_receipts_that_were_not_fetched(terminal: Make, tmp_path: Path) -> None:
    """Receipts that were not fetched are counted on the certificate, and their rows are listed as not fetched."""
    here = terminal(size=120)
    here.sync()
    done = here.run("close", MONTH, "--to", f"{tmp_path}", "--json")
    waiting = done.data["receipts"]["waiting"]
    assert waiting > 0
    pack = tmp_path / done.data["name"]
    states = [line["receipt_state"] for line in table(pack, "missing-receipts.csv")]
    assert 0 < states.count("not fetched") <= waiting
    assert any("nicht abgerufen" in page for page in text_of(pack))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language(filled: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """The certificate is one page of PDF in each language, and says the company's name."""
    monkeypatch.setenv("PRIMANOTA_LANGUAGE", language)
    pages = text_of(packed(filled, tmp_path))
    assert all("Morgenrot Fahrradbau GmbH" in page for page in pages)
    if shutil.which("pdfinfo"):
        with zipfile.ZipFile(packed(filled, tmp_path)) as found:
            name = next(one for one in found.namelist() if one.startswith("certificate"))
            (tmp_path / "page.pdf").write_bytes(found.read(name))
        assert "A4" in environment.run(["pdfinfo", tmp_path / "page.pdf"], check=True).stdout


def test_another_file_has_the_name(filled: Terminal, tmp_path: Path) -> None:
    """A file of another content is never overwritten; the close is recorded, and delivered elsewhere."""
    name = packed(filled, tmp_path / "first").name
    other = tmp_path / "second" / name
    other.parent.mkdir()
    other.write_text("mine")
    refused = filled.run("close", MONTH, "--to", f"{other.parent}")
    assert (refused.code, other.read_text(), sorted(other.parent.iterdir())) == (8, "mine", [other])


def test_one_file(filled: Terminal, tmp_path: Path) -> None:
    """A pack is written into the file that is named."""
    wanted = tmp_path / "october.zip"
    assert filled.run("close", MONTH, "--to", f"{wanted}").code == 0
    assert [path for path in tmp_path.iterdir() if path.is_file()] == [wanted]
    assert zipfile.is_zipfile(wanted)


def test_the_close_is_in_the_book(filled: Terminal, tmp_path: Path) -> None:
    """A close is sealed in the book: the check covers it, and a backup has it."""
    packed(filled, tmp_path)
    assert filled.run("check").code == 0
    with Book(filled.book, filled.clock.micros) as book:
        assert list(book.bodies("close")) == [f"{MONTH} -"]


def test_the_listing_of_a_pack(filled: Terminal, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The pack of the invented company has the files of the golden listing, and the README of it."""
    with zipfile.ZipFile(packed(filled, tmp_path, "--for", "lexware")) as found:
        readme = found.read("README.txt").decode().replace("\r\n", "\n")
        shown = "\n".join([*found.namelist(), "", readme])
    if request.config.getoption("--update-goldens"):
        _GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == _GOLDEN.read_text(encoding="utf-8")
