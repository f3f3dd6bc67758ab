"""The fixture of the page's tests: the invented company's book, exported once, and pages over it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from primanota.app.workspace import Workspace
from tests.support.screens.browser import browser, new_page
from tests.support.screens.command_line import Terminal
from tests.support.screens.page_server import PageClient, page_of

OpenPage = Callable[..., PageClient]
Visit = Callable[..., AbstractContextManager[Page]]


@pytest.fixture
def shelf(desk: Terminal) -> Terminal:
    """Return a command line whose book has an export."""
    desk.arrive(8)
    assert desk.run("run", "lexware", "--new", "--since", "2026-01-01").code == 0
    return desk


@pytest.fixture
def open_page(shelf: Terminal) -> Iterator[OpenPage]:
    """Return a function that serves a page over the company's book, and returns a client that has not entered."""
    with ExitStack() as opened:
        yield lambda **options: opened.enter_context(page_of(partial(Workspace, clock=shelf.clock), **options))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a browser for the tests of a module: to start one takes longer than most of them."""
    with browser() as started:
        yield started


@pytest.fixture
def visit(chromium: Browser) -> Visit:
    """Return a function that opens a page in the browser, with a profile of its own; its console must stay empty."""

    @contextmanager
    def visiting(client: PageClient, **options: Any) -> Iterator[Page]:  # noqa: ANN401 - the options of a context
        said: list[str] = []
        with new_page(chromium, base_url=client.access.origin, **options) as page:
            page.on("console", lambda message: said.append(message.text))
            page.goto(client.access.address)
            yield page
        assert [text for text in said if "404" not in text] == []  # a missing page is a test, too

    return visiting
