"""The page of a fleet, without a browser: what it shows and changes, and who may change it."""

import re
import sys
from contextlib import AbstractContextManager
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from primanota.core.language.catalogue import LANGUAGES
from primanota.core.language.fleet_states import fleet_states
from primanota.core.secret import Secret
from primanota.fleet.database import FleetDatabase
from primanota.web.fleet_pages import fleet_pages
from primanota.web.pages.clients import SCREENS
from tests.support import environment
from tests.support.fleets.fleet_page import LOGINS, NOON, fleet_page, fleet_with_everything
from tests.support.fleets.fleet_world import FleetWorld
from tests.support.screens.page_server import serving
from tests.support.screens.visible_words import visible_text, visible_texts

_FAILED, _CONSENT, _REFUSED = "atelier-duval-1187", "gaertnerei-moos-4015", "edelweiss-yoga-3102"
_LATE, _PAUSED, _DONE = "kanzlei-nord-5301", "hofladen-brandt-4420", "acme-metallbau-1021"
_PAUSE = f"/clients/{_DONE}/pause"
_EVIL = "<script>alert(1)</script>"


@pytest.fixture
def world(database: FleetDatabase) -> FleetWorld:
    """Return a fleet with some of everything."""
    return fleet_with_everything(database)


def _logins(text: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/clients/([^"]+)"', text)


def _row(text: str, login: str) -> str:
    """Return the words of a client's row, the English reason too."""
    (row,) = (one for one in text.split("<tr data-row>")[1:] if f'"/clients/{login}"' in one)
    return visible_text(row.partition("</tr>")[0].replace('lang="en"', ""))


def _is_paused(world: FleetWorld) -> bool:
    return world.table.get(_DONE).paused


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_screen_in_each_language(world: FleetWorld, language: str) -> None:
    """Each screen is a whole document in the language that was chosen."""
    with fleet_page(world, language=language) as client:
        for path in ("/", "/?state=needs&weeks=26", f"/clients/{_FAILED}", "/clients/nowhere", "/?state=x"):
            text = client.entered.get(path).text
            assert f'<html lang="{language}">' in text
            assert text.rstrip().endswith("</html>")


def test_the_grid(world: FleetWorld) -> None:
    """Each client has its weeks, each with a sign and its word; who is late, refused or paused is said in words."""
    with fleet_page(world) as client:
        text = client.entered.get("/").text
    assert _logins(text) == [*LOGINS]
    assert re.findall(r'<abbr title="([^"]+)">', text) == [f"2026-W{week}" for week in range(42, 50)]
    states = fleet_states("en")
    for login, state in ((_DONE, states.done), (_FAILED, states.failed), (_REFUSED, states.person)):
        assert re.findall(r"W49 \S+ ([a-z ]+)", _row(text, login))[0].startswith(state), login
    assert "does not answer" in _row(text, _FAILED)
    assert "access refused" in _row(text, _REFUSED)
    assert states.late in _row(text, _LATE)
    assert states.paused in _row(text, _PAUSED)
    assert "Consent until 6 Dec 2026" in _row(text, _CONSENT)
    shown = visible_text(text)
    assert "3 clients need attention. 1 is late. 2 have an access that ends soon or was refused." in shown
    assert all(state in shown.partition("Filter")[2] for state in ("✓ done", "✗ failed", "◷ late", "· no run"))


def test_the_filter_is_in_the_address(world: FleetWorld) -> None:
    """An address selects by state, by text and by number of weeks; the form has what it says."""
    with fleet_page(world) as client:
        page = client.entered
        for query, logins in (
            ("state=needs", [_FAILED, _REFUSED, _CONSENT]),
            ("state=failed", [_FAILED]),
            ("state=late", [_LATE]),
            ("state=access", [_REFUSED, _CONSENT]),
            ("state=paused", [_PAUSED]),
            ("text=API+KEY", [_REFUSED]),
            ("text=duval+answer&state=needs", [_FAILED]),
            ("text=nothing", []),
        ):
            assert _logins(page.get(f"/?{query}").text) == logins, query
        text = page.get("/?state=late&weeks=13&text=kanzlei").text
        assert text.count("<abbr") == 13
        assert re.findall(r"<option[^>]* selected>", text) == ['<option value="late" selected>', "<option selected>"]
        assert 'value="kanzlei"' in text
        assert "No client matches" in page.get("/?text=nothing").text
        for wrong in ("state=strange", "weeks=5"):
            assert page.get(f"/?{wrong}").status == 400


def test_a_client(world: FleetWorld) -> None:
    """A client is shown with its settings, its last runs with their reasons, and the end of its consent."""
    with fleet_page(world) as client:
        text = visible_text(client.entered.get(f"/clients/{_FAILED}").text.replace('lang="en"', ""))
        assert "weekly mon 07:00 (Europe/Berlin)" in text
        assert text.count("2026-W") == 8
        assert "✗ failed Due 30 Nov 2026 07:00 Attempts 1 Rows 12 Proof Why The mail server" in text
        assert "Consent until 6 Dec 2026" in visible_text(client.entered.get(f"/clients/{_CONSENT}").text)
        unknown = client.entered.get("/clients/atelier-duval-1188")
        assert client.entered.get("/clients/%00").status == 400
    assert (unknown.status, _FAILED in unescape(unknown.text)) == (400, True)  # with what was probably meant


def test_many_clients_are_paged_and_read_at_once(world: FleetWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 5,000 clients a page has a hundred, the links lead to each once, and one query reads them."""
    world.database.execute(
        "INSERT INTO clients (login, settings, schedule, zone, next_due) SELECT 'many-' || n, settings, schedule,"
        " zone, next_due FROM clients, generate_series(1, 5000) AS n WHERE login = %s",
        _DONE,
    )
    asked = []
    transaction = FleetDatabase.transaction

    def counted(database: FleetDatabase) -> AbstractContextManager[Any]:
        asked.append(database)
        return transaction(database)

    monkeypatch.setattr(FleetDatabase, "transaction", counted)
    logins: list[str] = []
    with fleet_page(world) as client:
        path, pages = "/?text=many-4", 0
        while path:
            text = client.entered.get(path).text
            assert len(text) < 150_000
            logins += _logins(text)
            pages += 1
            (path,) = re.findall(r'href="(/\?[^"]*after=[^"]*)">Next', text) or [""]
            path = unescape(path)
            assert "text=many-4" in path or not path
    assert len(asked) == pages == 12  # 4, 40 to 49, 400 to 499, 4000 to 4999
    assert len(logins) == len({*logins}) == 1111
    assert "1,101 to 1,111 of 1,111" in text


def test_texts_are_escaped(world: FleetWorld) -> None:
    """A reason with markup is shown as text."""
    world.database.execute("UPDATE occasions SET sentence = %s WHERE login = %s", _EVIL, _FAILED)
    with fleet_page(world) as client:
        for path in ("/", f"/clients/{_FAILED}", "/?text=%3Cscript%3E", f"/?did=pause&client={_EVIL}"):
            assert "<script>alert" not in client.entered.get(path).text


def test_without_write_it_changes_nothing(world: FleetWorld) -> None:
    """Without --write no form changes anything, and one that is sent all the same is refused."""
    with fleet_page(world) as client:
        for path in ("/", f"/clients/{_FAILED}"):
            assert '<form method="post"' not in client.entered.get(path).text
        assert client.entered.post(_PAUSE).status == 403
    assert not _is_paused(world)


def test_pause_resume_and_retry(world: FleetWorld) -> None:
    """With --write the buttons pause, resume and retry, say so, and lead back to the same address."""
    with fleet_page(world, can_write=True) as client:
        page = client.entered
        text = page.get("/?state=failed&weeks=13").text
        (back,) = {unescape(one) for one in re.findall(r'name="back" value="([^"]*)"', text)}
        answer = page.post(f"/clients/{_FAILED}/retry", {"back": back})
        assert answer.status == 303
        where = urlsplit(answer.headers["location"])
        assert (where.path, parse_qs(where.query)) == (
            "/",
            {"state": ["failed"], "weeks": ["13"], "did": ["retry"], "client": [_FAILED]},
        )
        assert f"The latest run of {_FAILED} is tried again." in page.get(answer.headers["location"]).text
        assert world.run(_FAILED).state == "waiting"
        assert page.post(f"/clients/{_DONE}/retry").status == 400  # it is done
        for change, paused in (("pause", True), ("resume", False)):
            answer = page.post(f"/clients/{_DONE}/{change}", {"back": "client"})
            assert answer.headers["location"] == f"/clients/{_DONE}?did={change}"
            assert _is_paused(world) is paused
            assert f"{_DONE} " in visible_text(page.get(answer.headers["location"]).text).partition("Keyboard")[0]


def test_a_change_leads_nowhere_else(world: FleetWorld) -> None:
    """What a form names as the way back leads to the list alone, and an unknown change or client is refused."""
    with fleet_page(world, can_write=True) as client:
        for back in ("//evil.test", "https://evil.test/?x=1", "next=//evil.test", "\r\nLocation: x"):
            location = client.entered.post(_PAUSE, {"back": back}).headers["location"]
            assert location == f"/?did=pause&client={_DONE}"
        for path in (f"/clients/{_DONE}/delete", "/clients/nowhere/pause", "/clients/nowhere/retry"):
            assert client.entered.post(path).status == 400


def test_a_change_from_elsewhere_is_refused(world: FleetWorld) -> None:
    """Another origin, another site, no token, no cookie, another host, or a mere address: none changes anything."""
    with fleet_page(world, can_write=True) as client:
        page = client.entered
        for headers in (
            {"Origin": "http://127.0.0.1:1"},
            {"Origin": ""},
            {"Sec_Fetch_Site": "same-site"},
            {"Sec_Fetch_Site": ""},
        ):
            assert page.post(_PAUSE, None, headers).status == 403, headers
        assert page.post(_PAUSE, {"form_token": "guess"}).status == 403
        assert client.post(_PAUSE).status == 403
        assert page.post(_PAUSE, None, {"Host": "evil.test"}).status == 421
        assert page.get(_PAUSE).status == 405
        assert not _is_paused(world)
        assert page.post(_PAUSE).status == 303
        assert _is_paused(world)


def test_nothing_is_left_in_english(world: FleetWorld) -> None:
    """No text of a German page is that of the English page, save names, places, and what is marked as English."""
    paths = ("/", "/?state=access", f"/clients/{_CONSENT}", f"/clients/{_FAILED}")
    with (
        fleet_page(world, can_write=True, language="de") as german,
        fleet_page(world, can_write=True, language="en") as english,
    ):
        pages = [[{*visible_texts(one.entered.get(path).text)} for path in paths] for one in (german, english)]
    left = {text for german, english in zip(*pages, strict=True) for text in german & english}
    known = re.compile("|".join((*LOGINS, "Primanota", "/nowhere", "shared:|.book|/", "Europe", "Berlin", "W[0-9]+")))
    assert {text for text in left if re.search(r"\w{2}", known.sub("", text)) and not text[:2].isdecimal()} == set()


def test_a_database_that_is_away(tmp_path: Path) -> None:
    """If the database is away, the page says so and what to do, without its password."""
    address = Secret(f"postgresql://ada:geheimnis-77@localhost/x?host={tmp_path}")
    database = FleetDatabase(address, patience=0.2)
    with serving(fleet_pages(database, lambda: NOON, "en")) as client:
        answer = client.entered.get("/")
    database.close()
    assert (answer.status, "cannot be reached" in answer.text, "geheimnis" in answer.text) == (502, True, False)


def test_a_client_whose_run_was_never_planned_is_late(world: FleetWorld) -> None:
    """A client that no worker has planned for an hour is late, though it has no open run."""
    world.clock.now = NOON + timedelta(days=6, hours=21)
    with fleet_page(world) as client:
        assert _DONE in _logins(client.entered.get("/?state=late").text)


def test_a_page_of_a_book_needs_no_fleet() -> None:
    """The page of a book imports nothing of the fleet, and neither imports its database's package at its start."""
    words = "import sys, primanota.web.site, primanota.web.server; print(*sys.modules)"
    modules = environment.run([sys.executable, "-c", words], check=True).stdout.split()
    assert not [name for name in modules if name.startswith(("primanota.fleet", "psycopg", "procrastinate"))]


def test_each_change_is_a_form() -> None:
    """What is only opened changes nothing: the one route of changes takes forms alone."""
    assert [type(one).__name__ for one in SCREENS] == ["Screen", "Screen", "Form"]
