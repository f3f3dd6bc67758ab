"""What a person, a bank or a disk can cause is a sentence on the page, and never an error of the server."""

import base64
import errno
import logging
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import starlette.formparsers

from primanota.app.workspace import Workspace
from primanota.core import errors
from primanota.core.errors import PrimanotaError, mistake
from primanota.web.error_screen import status_of
from primanota.web.pages import doctor
from primanota.web.screens import Form
from primanota.web.site import SCREENS
from tests.support.screens.command_line import Terminal
from tests.support.screens.page_server import PageClient, page_of
from tests.web.conftest import OpenPage

_SAMPLE = {"kept": base64.b64encode(b"A,B\n1,2\n").decode(), "name": "x.csv"}
# The fields of each form.
_FORMS = {
    "/batches/{number:int}/imported": ("take_back",),
    "/batches/{number:int}/redo": (),
    "/batches/{number:int}/undo": (),
    "/doctor": (),
    "/preview": ("profile", "since"),
    "/preview/learn": ("kept", "name", "answer:Day", "answer:Direction"),
    "/preview/learn/file": ("name", "text"),
    "/review/accept": ("one", "id", "note"),
    "/review/reopen": ("id",),
    "/sync": (),
}
_NONSENSE = ("\0", "9" * 5000, "2026-02-31", "../../etc/passwd", "receipt:\0", "🚲")


def _kinds(kind: type[PrimanotaError]) -> Iterator[type[PrimanotaError]]:
    for one in kind.__subclasses__():
        yield one
        yield from _kinds(one)


def test_only_a_mistake_is_an_error_of_the_server() -> None:
    """Each class of errors has a status that says whose turn it is; 500 is a mistake of this program."""
    found = {
        one: status_of(one("what", "hint")) for one in _kinds(PrimanotaError) if one.__module__ == errors.__name__
    }
    assert len(found) > 20
    assert {one for one, status in found.items() if status == 500 or not 400 <= status < 600} == set()
    assert status_of(mistake(ValueError())) == 500


def test_nonsense_in_any_field_is_no_error_of_the_server(shelf: Terminal, open_page: OpenPage) -> None:
    """Every form of the page answers nonsense in each of its fields with a sentence, or does what it can."""
    assert {one.path for one in SCREENS if isinstance(one, Form)} == set(_FORMS)
    page = open_page(can_write=True).entered
    for path, names in _FORMS.items():
        for number in ("1", "999", "9" * 30) if "{" in path else ("",):
            for name in names or ("nothing",):
                for value in _NONSENSE if names else _NONSENSE[:1]:
                    fields = (_SAMPLE if path == "/preview/learn" else {}) | {name: value}
                    done = page.post(path.replace("{number:int}", number), fields)
                    assert done.status < 500, (path, number, name, value[:20], done.text)
    assert shelf.run("check").code == 0


def test_a_question_without_a_guess_is_asked_in_words(open_page: OpenPage) -> None:
    """A sample without words for money in and out is learnt: the page has a field for them, and reads the answer."""
    page = open_page().entered
    asked = page.post("/preview/learn", _SAMPLE)
    assert (asked.status, '<input id="q4" name="answer:Direction">' in asked.text) == (200, True), asked.text
    refused = page.post("/preview/learn", _SAMPLE | {"answer:Direction": "in"})
    assert (refused.status, "Direction: “in” is not an answer." in refused.text) == (400, True), refused.text
    told = page.post("/preview/learn", _SAMPLE | {"answer:Direction": "in, out"})
    assert (told.status, "Not known: direction" in asked.text) == (200, True), told.text
    assert "Not known: direction" not in told.text


def test_what_is_missing_is_named(shelf: Terminal, open_page: OpenPage, tmp_path: Path) -> None:
    """Settings and a book that get lost while the page runs, and rules of a tool, are a sentence with an advice."""
    page, settings = open_page(can_write=True).entered, shelf.home / "config.toml"
    done = page.post("/preview", {"profile": "datev", "since": "2026-01-01"})
    assert (done.status, "Write a table “ledger”" in done.text) == (409, True)
    settings.write_text("[organisation\n", encoding="utf-8")
    for done in (page.get("/"), page.post("/sync")):
        assert (done.status, "config.toml, line 1: this is not TOML" in done.text) == (409, True), done.text
    settings.unlink()
    shelf.book.rename(tmp_path / "away.book")
    for done in (page.get("/"), page.post("/review/reopen", {"id": "1"})):
        assert (done.status, "There is no book of" in done.text) == (409, True), done.text
    shelf.book.write_bytes(b"junk" * 10_000)
    assert page.get("/").status == 409


def test_a_full_disk_is_named(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full while a screen is made, or while a form is received, is status 507 with what to do."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/tmp/spool")  # noqa: S108 - a name

    page = open_page(can_write=True).entered
    with monkeypatch.context() as patched:
        patched.setattr(doctor, "examine", full)
        answers = [page.post("/doctor")]
    monkeypatch.setattr(starlette.formparsers, "SpooledTemporaryFile", full)
    part = '--b\r\nContent-Disposition: form-data; name="sample"; filename="a.csv"\r\n\r\nA,B\r\n--b--\r\n'
    headers = _own(page) | {"Content_Type": "multipart/form-data; boundary=b"}
    answers.append(page.send("POST", "/preview/learn", headers, part))
    for done in answers:
        assert (done.status, "the disk is full" in done.text) == (507, True), done.text


def test_a_form_that_cannot_be_read(open_page: OpenPage) -> None:
    """A form without its boundary, broken, or with too many fields, is refused as such, and not as a missing page."""
    page = open_page().entered
    for kind, body in (("", "x"), ("; boundary=b", "--x\r\n")):
        done = page.send("POST", "/doctor", _own(page) | {"Content_Type": f"multipart/form-data{kind}"}, body)
        assert (done.status, "This form cannot be read" in done.text) == (400, True), done.text
    done = page.post_fields("/review/accept", [("one", "x")] * 3_000)
    assert (done.status, "This form cannot be read" in done.text) == (400, True), done.text


def test_a_browser_that_goes_away(shelf: Terminal, caplog: pytest.LogCaptureFixture) -> None:
    """A browser that closes its connection in the middle of a form leaves no traceback, and the page goes on."""
    caplog.set_level(logging.ERROR)
    with page_of(partial(Workspace, clock=shelf.clock)) as opened:
        page = opened.entered
        host, _, port = page.access.host.partition(":")
        said = {"Host": page.access.host, "Cookie": f"{page.access.cookie_name}={page.access.cookie}"}
        said |= {name.replace("_", "-"): value for name, value in _own(page).items()}
        said |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "1000"}
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(f"POST /doctor HTTP/1.1\r\n{head}\r\nform_".encode())
        assert page.get("/").status == 200
    assert caplog.text == ""


def _own(page: PageClient) -> dict[str, str]:
    return {"Origin": page.access.origin, "Sec_Fetch_Site": "same-origin"}
