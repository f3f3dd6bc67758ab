"""The page of a book of files: each screen speaks of statements where no bank is asked."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from primanota.app.workspace import Workspace
from primanota.core.language.catalogue import LANGUAGES
from primanota.core.language.notation import notation
from primanota.core.language.proof_texts import proof_texts
from primanota.web.pages.doctor import doctor_texts
from primanota.web.pages.sync import sync_page_texts
from primanota.web.pages.week import week_texts
from tests.support.books.book_of_files import OPENING, ROWS, FilesCompany
from tests.support.clock import Clock
from tests.support.screens.page_server import PageClient, page_of
from tests.support.screens.visible_words import visible_text


@pytest.fixture
def company(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> FilesCompany:
    """Return a company without a key, whose first statement was imported."""
    monkeypatch.setenv("PRIMANOTA_HOME", str(tmp_path))
    made = FilesCompany(tmp_path, clock, capsys)
    made.name_folder()
    made.receive(0)
    assert made.run("sync").code == 0
    return made


@pytest.fixture(params=LANGUAGES)
def page(company: FilesCompany, request: pytest.FixtureRequest) -> Iterator[tuple[PageClient, str]]:
    """Return the page in each language."""
    with page_of(partial(Workspace, clock=company.clock), can_write=True, language=request.param) as opened:
        yield opened.entered, request.param


def test_every_screen_speaks_of_statements(company: FilesCompany, page: tuple[PageClient, str]) -> None:
    """The week knows when files were read and what the account began with, the proof and the doctor ask no bank."""
    client, language = page
    week, doctor, proof = week_texts(language), doctor_texts(language), proof_texts(language)
    shown = _text(client.get("/").text)
    assert f"{week.last_sync} {week.never}" not in shown
    write = notation(language).money
    year = week.year.format(first=write(OPENING, "EUR"), last=write(OPENING + ROWS[0].cents, "EUR"))
    assert _text(year) in shown
    examined = _text(client.post("/doctor").text)
    assert f"{doctor.subjects.statements} " in examined
    assert f"{company.inbox} (1)" in examined
    assert f"{doctor.subjects.key} " not in examined
    for path in ("/proof?since=2026-10-01&until=2026-10-31", "/proof/certificate?since=2026-10-01&until=2026-10-31"):
        said = _text(client.get(path).text)
        assert proof.filed.same in said
        assert _text(proof.proven.statements.partition("{")[0]) in said
        assert not any(text.partition("{")[0] in said for text in (proof.proven.bank, proof.proven.counts))
    assert proof.certificate.check_filed in said
    assert proof.certificate.check not in said


def test_the_button_imports_the_folder(company: FilesCompany, page: tuple[PageClient, str]) -> None:
    """“Sync now” imports what is new in the folder; if a statement is missing, it asks for that, not for a sync."""
    client, language = page
    texts = sync_page_texts(language)
    company.receive(2)
    told = _text(client.post("/sync").text)
    assert texts.advice_files in told
    assert texts.advice not in told
    company.receive(1)
    told = _text(client.post("/sync").text)
    assert texts.proven in told
    assert texts.advice_files not in told


def test_without_a_folder_the_button_says_what_to_do(company: FilesCompany) -> None:
    """Where no folder is named, “Sync now” names the command and the setting, and speaks of no key."""
    (company.home / "config.toml").write_text("[organisation.files]\n", encoding="utf-8")
    with page_of(partial(Workspace, clock=company.clock), can_write=True) as opened:
        status, _, told = opened.entered.post("/sync")
    assert status == 409
    assert "there is no bank to ask" in told
    assert "primanota import FILE" in told
    assert "primanota login" not in told


def _text(content: str) -> str:
    return " ".join(visible_text(content).split())
