"""A real browser, driven by Playwright: Debian's Chromium, which reaches nothing but this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.support.readers import program

PROGRAM = "chromium"
_QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-default-apps"),
)


@contextmanager
def browsing(*arguments: str, **options: Any) -> Iterator[BrowserContext]:  # noqa: ANN401 - the options of a context
    """Open a browser with an empty profile; the arguments are Chromium's, the options those of a context."""
    chromium = program(PROGRAM)
    with TemporaryDirectory(prefix="primanota-browser-") as profile, sync_playwright() as driver:
        context = driver.chromium.launch_persistent_context(
            profile, executable_path=chromium, args=[*_QUIET, *arguments], headless=True, **options
        )
        try:
            yield context
        finally:
            context.close()


def complaints(page: Page) -> list[str]:
    """Return what axe finds on a page, each with the element."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]
