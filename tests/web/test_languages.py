"""A page in a language has no other one: what is the same in two of them is a name, a number, or the bank's word."""

import re
from collections.abc import Iterator

import pytest

from primanota import profiles
from tests.support.banks.shy_bank import authorise, hide_row
from tests.support.screens.command_line import Terminal
from tests.support.screens.page_server import PageClient
from tests.support.screens.visible_words import visible_texts
from tests.web.conftest import OpenPage

_SAMPLE = "Datum;Empfänger;Zweck;Betrag;Art\n01.10.2026;Müller;R 5;-12,50;SEPA\n02.10.2026;Stadt;G;1,00;SEPA\n"
_PATHS = (
    *("/", "/review", "/review?kind=receipt", "/review/put-away", "/proof", "/proof/certificate?month=2026-11"),
    *("/rows", "/rows?text=a", "/batches", "/batches/1", "/batches/1/undo", "/flows?month=2026-11"),
    *("/preview?since=2026-01-01", "/preview/learn", "/doctor", "/nothing"),
)
# Names, and words that are the same in German.
_SAME = {
    *("Primanota", "Export", "Status", "Label", "Login", "Mail", "SHA", "IBAN"),
}
_WORD, _HASH = re.compile(r"[^\W\d_]{2,}"), re.compile(r"\b[0-9a-f]{64}\b")


def _learnt(page: PageClient) -> str:
    """Return the page of a profile that is learnt from a sample."""
    body = (
        f'--x\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{page.access.form_token}\r\n'
        f'--x\r\nContent-Disposition: form-data; name="sample"; filename="bank.csv"\r\n\r\n{_SAMPLE}\r\n--x--\r\n'
    )
    headers = {
        "Origin": page.access.origin,
        "Sec_Fetch_Site": "same-origin",
        "Content_Type": "multipart/form-data; boundary=x",
    }
    return page.send("POST", "/preview/learn", headers, body).text


def _screens(page: PageClient, key: str) -> Iterator[tuple[str, str]]:
    for path in (*_PATHS, f"/rows/{key}"):
        yield path, page.get(path).text
    yield "/preview/learn, with a sample", _learnt(page)
    yield "/doctor, examined", page.post("/doctor").text
    yield "/sync", page.post("/sync").text


def _names(shelf: Terminal) -> set[str]:
    """Return the words of the bank, of the accounts and of the tools, which are the same in each language."""
    told = [shelf.run(command, "--json").data for command in ("list", "status", "batches")]
    found = {
        *_strings(told),
        *profiles.names(),
        *profiles.load("lexware").headings,
        *_SAMPLE.replace("\n", ";").split(";"),
    }
    return {shelf.simulator.login, "Morgenrot Fahrradbau GmbH", "bank.csv", f"{shelf.exports}", *found}


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield " ".join(value.split())
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(inner)


def test_nothing_is_left_in_english(shelf: Terminal, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """No text of a German page is that of the English page, save names, and what is marked as English."""
    first, second, third = (str(row["id"]) for row in shelf.run("list", "--json").data["rows"][:3])
    shelf.edit(first, note="Messe")
    authorise(shelf.simulator)
    shelf.run("review", "accept", second, "--note", "Notiz")
    shelf.clock.advance(minutes=1)
    hide_row(monkeypatch, shelf.simulator, third)
    names = sorted({*_names(shelf), "Messe", "Notiz"}, key=len, reverse=True)
    pages = [open_page(can_write=True, language=language).entered for language in ("de", "en")]
    left = {}
    for (path, german), (_, english) in zip(*(_screens(page, first) for page in pages), strict=True):
        same = {*visible_texts(german)} & {*visible_texts(english)}
        left[path] = {text for text in same if {*_WORD.findall(_without(text, names))} - _SAME}
    assert {path: texts for path, texts in left.items() if texts} == {}


def _without(text: str, names: list[str]) -> str:
    text = _HASH.sub(" ", text)
    for name in names:
        text = text.replace(name, " ") if name else text
    return text
