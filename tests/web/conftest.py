"""The fixture of the page's tests: the invented company's book, exported once, and pages over it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from primanota.app.workspace import Workspace
from tests.support.command_line import Terminal
from tests.support.page_server import PageClient, page_of

OpenPage = Callable[..., PageClient]


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
