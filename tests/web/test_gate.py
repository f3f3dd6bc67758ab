"""The page's gate: only the browser that has opened the page reads or changes anything. Each attack is tried."""

from itertools import chain
from threading import Thread

import pytest

from primanota.web.screens import Form
from primanota.web.server import PageServer
from primanota.web.site import SCREENS, book_pages
from tests.support.screens.command_line import Terminal
from tests.web.conftest import OpenPage

_PATHS = ("/", "/batches", "/static/page.css", "/nothing")
# Each has one header that this page would not send: that alone is enough.
_ELSEWHERE = (
    {"Origin": "http://evil.test"},
    {"Origin": "http://127.0.0.1:1"},  # another port is the same site: the cookie comes along
    {"Origin": "null"},
    {"Origin": ""},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": "none"},
    {"Sec_Fetch_Site": ""},
)


def test_the_printed_address_opens_the_page_once(open_page: OpenPage) -> None:
    """The token becomes a cookie with another secret, which is out of reach of scripts; a second use is refused."""
    page = open_page()
    address = page.access.address.removeprefix(page.access.origin)
    entered = page.get(address)
    cookie = entered.headers["set-cookie"]
    assert (entered.status, entered.headers["location"]) == (303, "/")
    assert cookie.startswith(f"primanota-{page.access.host.partition(':')[2]}={page.access.cookie};")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert page.access.cookie not in address
    assert page.get(address).status == 403
    assert page.get("/enter?token=").status == 403
    assert page.entered.get("/").status == 200


def test_an_address_that_was_never_printed_opens_nothing(open_page: OpenPage) -> None:
    """A wrong token is refused, and does not use the right one up."""
    page = open_page()
    assert page.get("/enter?token=guess").status == 403
    assert page.get(page.access.address.removeprefix(page.access.origin)).status == 303


def test_without_the_cookie_nothing_is_shown(open_page: OpenPage) -> None:
    """Without the cookie, or with another one, each address is refused; the one-time token is no cookie."""
    page = open_page()
    token = page.access.address.rpartition("=")[2]
    for path in _PATHS:
        for page.cookie in ("", token):
            assert page.get(path).status == 403, path


def test_another_name_of_this_machine_is_refused(open_page: OpenPage) -> None:
    """A name that leads here, another port, or no name is no address of the page (DNS rebinding), cookie or not."""
    page = open_page().entered
    for host in ("evil.test", "127.0.0.1", "127.0.0.1:1", "localhost"):
        assert page.get("/", Host=host).status == 421, host
    assert page.get("/", Host="").status == 400


def test_each_answer_has_the_headers(open_page: OpenPage) -> None:
    """Each answer, errors too, forbids foreign scripts, frames, sniffing, and to be kept."""
    page = open_page()
    answers = [(page.entered.get(path), page.get(path), page.get(path, Host="evil.test")) for path in _PATHS]
    for answer in chain.from_iterable(answers):
        policy = answer.headers["content-security-policy"].split("; ")
        assert {
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        } <= {*policy}
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_change_from_elsewhere_is_refused(shelf: Terminal, open_page: OpenPage) -> None:
    """A form of another page, also of one on another port of this machine, changes nothing, cookie or not."""
    page = open_page(can_write=True).entered
    for headers in _ELSEWHERE:
        assert page.post("/batches/1/imported", None, headers).status == 403, headers
    assert shelf.run("batches", "--json").data["batches"][0]["imported"] is None
    assert page.post("/batches/1/imported").status == 303
    assert shelf.run("batches", "--json").data["batches"][0]["imported"] == "2026-11-23"


@pytest.mark.parametrize("token", ["", "guess"])
def test_a_form_without_its_token_is_refused(shelf: Terminal, open_page: OpenPage, token: str) -> None:
    """A form without the page's own token changes nothing, whatever its headers say."""
    page = open_page(can_write=True).entered
    assert page.post("/batches/1/imported", {"form_token": token}).status == 403
    assert shelf.run("batches", "--json").data["batches"][0]["imported"] is None


def test_a_page_without_write_changes_nothing(shelf: Terminal, open_page: OpenPage) -> None:
    """Without --write no form is shown, and a form that is sent all the same is refused."""
    page = open_page().entered
    shown = page.get("/batches/1")
    assert (shown.status, '<form method="post"' in shown.text) == (200, False)
    assert page.post("/batches/1/imported").status == 403
    assert shelf.run("batches", "--json").data["batches"][0]["imported"] is None


def test_an_address_changes_nothing(open_page: OpenPage) -> None:
    """No address changes anything when it is only opened: a change is a form that is sent."""
    page = open_page(can_write=True).entered
    shown = {screen.path for screen in SCREENS if not isinstance(screen, Form)}
    forms = {screen.path for screen in SCREENS if isinstance(screen, Form)} - shown
    assert forms
    for path in forms:
        assert page.get(path.replace("{number:int}", "1").replace("{id}", "a")).status == 405


def test_other_methods_are_refused(open_page: OpenPage) -> None:
    """A method other than those of screens and forms is refused."""
    page = open_page(can_write=True).entered
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert page.send(method, "/batches/1", {"Origin": page.access.origin}).status in {403, 405}, method


def test_the_secret_key_is_in_no_answer(shelf: Terminal, open_page: OpenPage) -> None:
    """No answer has the secret key, and none the cookie."""
    page = open_page(can_write=True).entered
    got = [
        page.get(path).text for path in ("/", "/batches", "/batches/1", "/batches/1/undo", "/nothing", "/batches/99")
    ]
    for text in (*got, page.post("/sync").text, page.post("/doctor").text):
        assert shelf.simulator.secret not in text
        assert page.access.cookie not in text


def test_an_idle_page_ends(shelf: Terminal) -> None:
    """The page ends by itself when it was not asked for long."""
    from primanota.app.workspace import Workspace

    server = PageServer(book_pages(lambda: Workspace(clock=shelf.clock)), idle_seconds=0.05)
    thread = Thread(target=server.run)
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()
