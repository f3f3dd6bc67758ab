"""A real browser, driven by Playwright: Debian's Chromium, which reaches nothing but this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.readers import program

PROGRAM = "chromium"
FOREIGN_NAME = "evil.test"  # leads to this machine
_QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-default-apps"),
    f"--host-resolver-rules=MAP {FOREIGN_NAME} 127.0.0.1",
)


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser; a thread has one at a time."""
    executable = program(PROGRAM)
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=executable, args=_QUIET, headless=True)
        try:
            yield started
        finally:
            started.close()


@contextmanager
def new_page(started: Browser, **options: Any) -> Iterator[Page]:  # noqa: ANN401 - the options of a context
    """Open a page with an empty profile, apart from all others."""
    with started.new_context(**options) as context:
        yield context.new_page()


def complaints(page: Page, *rules: str) -> list[str]:
    """Return what axe finds on a page, each with the element.

    Args:
        page: the page.
        rules: the rules that are tried; all of them, if none is named.
    """
    options = {"resultTypes": ["violations"], "preload": False, **({"runOnly": rules} if rules else {})}
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate("async options => (await axe.run(options)).violations", options)
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]
