"""The page of a book: its screens, and what their requests share."""

from collections.abc import Callable
from threading import Lock

from primanota.app.workspace import Workspace
from primanota.web.access import Access
from primanota.web.application import MakePages, Pages
from primanota.web.pages import batches, doctor, flows, learn, preview, proof, review, rows, sync, week
from primanota.web.visit import Site

_PAGES = (week, sync, review, proof, rows, preview, learn, batches, flows, doctor)
SCREENS = tuple(screen for page in _PAGES for screen in page.SCREENS)


def book_pages(workspaces: Callable[[], Workspace], language: str = "") -> MakePages:
    """Return what makes the page of a book.

    Args:
        workspaces: makes the workspace of a request.
        language: the language of its texts; empty for that of the browser.
    """

    def pages(access: Access) -> Pages:
        site = Site(workspaces, access, language, Lock())
        return Pages(site, [screen.route(site) for screen in SCREENS])

    return pages
