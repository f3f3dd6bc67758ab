"""The pictures of the page in the README and in docs/page.md: the invented company, in Chromium.

``make screens`` draws them, and writes down their words: python -m tests.support.screens.page_pictures
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

from primanota.adapters.settings import config
from primanota.app.workspace import Workspace
from primanota.cli import main
from primanota.simulator import Simulator
from tests.support.banks.simulator_server import served, variables_of
from tests.support.clock import Clock
from tests.support.screens.browser import browser, new_page
from tests.support.screens.page_server import page_of
from tests.support.screens.pseudo_terminal import folder_of_known_length

DOCS = Path(__file__).parents[3] / "docs"
WORDS = Path(__file__).parents[2] / "golden" / "page"
SCREENS = {"week": "/", "review": "/review", "proof": "/proof?month=2026-10"}
_HASH = re.compile(r"\b[0-9a-f]{64}\b")
SIZE: ViewportSize = {"width": 1200, "height": 760}


@contextmanager
def shown() -> Iterator[Page]:
    """Open the page of the invented company in a browser, after its first run."""
    clock = Clock()
    with folder_of_known_length() as folder, Simulator(clock=clock) as simulator, served(simulator) as url:
        settings = config.load(variables_of(simulator, url, folder))
        workspaces = partial(Workspace, settings=settings, clock=clock)
        words = ["run", "lexware", "--new", "--since", "2026-10-01", "--yes"]
        assert main(words, lambda *_, **__: workspaces()) == 0
        clock.advance(days=3)
        simulator.bank.arrive(3)
        assert main(["sync"], lambda *_, **__: workspaces()) == 0
        with (
            page_of(workspaces, can_write=True) as client,
            browser() as started,
            new_page(started, base_url=client.access.origin, viewport=SIZE) as page,
        ):
            page.goto(client.access.address)
            yield page


def words_of(page: Page, path: str) -> str:
    """Return the words of a screen."""
    page.goto(path)
    shown_words = page.locator("body").inner_text().strip()
    return f"{_HASH.sub('a hash', shown_words)}\n"  # a batch has a random token, so that no two chains are the same


if __name__ == "__main__":
    WORDS.mkdir(exist_ok=True)
    with shown() as page:
        for name, path in SCREENS.items():
            (WORDS / f"{name}.txt").write_text(words_of(page, path), encoding="utf-8")
            page.screenshot(path=DOCS / f"page-{name}.png")
