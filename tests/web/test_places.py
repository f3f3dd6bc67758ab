"""Pages of books that are elsewhere, and two pages in one browser."""

from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import expect

from primanota.app.workspace import Workspace
from tests.support.banks.shy_bank import authorise
from tests.support.screens.command_line import Terminal
from tests.support.screens.page_server import page_of
from tests.support.servers import s3_server
from tests.support.servers.s3_server import BUCKET, Cloud
from tests.web.conftest import OpenPage, Visit

cloud = s3_server.cloud


@pytest.fixture(params=["bucket", "shared folder"])
def place(request: pytest.FixtureRequest, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the place of a book that is not on this machine."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", cloud.url)
    (tmp_path / "share").mkdir()
    return f"s3://{BUCKET}/books/a.book" if request.param == "bucket" else f"shared:{tmp_path}/share/a.book"


def test_a_book_that_is_elsewhere(shelf: Terminal, place: str) -> None:
    """A page over a book in a bucket or a shared folder shows it, and what it changes arrives there."""
    book = ("--book", place)
    key = authorise(shelf.simulator)
    assert shelf.run("sync", *book).code == 0
    before = len(shelf.run("list", *book, "--json").data["rows"])
    with page_of(partial(Workspace, None, place, clock=shelf.clock), can_write=True) as client:
        page = client.entered
        for path in ("/", "/review", "/proof", "/rows", "/preview", "/batches", "/flows", "/doctor"):
            assert page.get(path).status == 200, path
        assert f"pending:{key}" in page.get("/review").text
        assert page.post("/review/accept", {"one": f"pending:{key}", "note": "at the bank"}).status == 303
        assert f"pending:{key}" not in page.get("/review").text
        shelf.clock.advance(minutes=1)
        shelf.simulator.bank.arrive(2)
        assert "2 new rows came." in page.post("/sync").text
    (put_away,) = shelf.run("review", "--accepted", *book, "--json").data["findings"]
    assert (put_away["id"], put_away["accepted"]["note"]) == (key, "at the bank")
    assert len(shelf.run("list", *book, "--json").data["rows"]) == before + 2


def test_two_pages_in_one_browser(shelf: Terminal, open_page: OpenPage, visit: Visit) -> None:
    """Pages on two ports do not disturb each other in a browser: both stay open, and each changes its own book."""
    other = shelf.home.parent / "other.book"
    assert shelf.run("sync", "--book", str(other)).code == 0
    keys = [authorise(shelf.simulator)]
    for book in ((), ("--book", str(other))):
        shelf.clock.advance(minutes=1)
        assert shelf.run("sync", *book).code == 0
    first = open_page(can_write=True)
    with (
        page_of(partial(Workspace, None, str(other), clock=shelf.clock), can_write=True) as second,
        visit(first) as page,
    ):
        page.goto(second.access.address)
        for address in (first.access.origin, second.access.origin):
            page.goto(f"{address}/review")
            page.get_by_role("button", name="Put away:").click()
            expect(page.get_by_text("Nothing of this kind needs you.")).to_be_visible()
    for book in ((), ("--book", str(other))):
        assert [one["id"] for one in shelf.run("review", "--accepted", *book, "--json").data["findings"]] == keys


def test_the_secret_of_a_page_opens_no_other(open_page: OpenPage) -> None:
    """The cookie and the form token of one page are refused by another one of this machine."""
    first, second = open_page(can_write=True), open_page(can_write=True)
    first.cookie = second.access.cookie
    assert first.get("/").status == 403
    token = {"form_token": second.access.form_token}
    assert first.entered.post("/batches/1/imported", token).status == 403
