"""``primanota web``: the page, in a browser of this machine."""

import webbrowser
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from primanota.adapters.settings import terminal
from primanota.app.workspace import Workspace
from primanota.cli.options.completions import ORGANISATION
from primanota.cli.terminal import output

if TYPE_CHECKING:
    from primanota.cli.options.context import WorkspaceFactory
    from primanota.web.application import MakePages


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="A port; a free one by default.")
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
@click.option("--write", "can_write", is_flag=True, help="Allow changes: read the bank, write files, undo.")
@click.option(
    "--organisation", type=ORGANISATION, metavar="NAME", help="Which organisation, where there are several."
)
@click.option("--book", metavar="PLACE", help="Another book: a path, s3://BUCKET/KEY, or shared:PATH.")
def web(*, port: int, opens: bool, can_write: bool, organisation: str | None, book: str | None) -> None:
    """Show the book as a page in a browser of this machine.

    The page is read-only without --write. The printed address opens it once; it ends with Ctrl-C, or after an hour
    without a request.

    Example: primanota web --open
    """
    factory: WorkspaceFactory = click.get_current_context().obj or Workspace
    serve(lambda: factory(organisation, book), port=port, opens=opens, can_write=can_write)


def serve(
    workspaces: Callable[[], Workspace], *, port: int = 0, opens: bool = False, can_write: bool = False
) -> None:
    """Serve the page, and print its address.

    Raises:
        PrimanotaError: there is no book, or the port cannot be opened.
    """
    from primanota.web.site import book_pages  # slow to import

    workspaces().transaction(lambda _: None)  # an error is told here, not in the browser
    serve_pages(book_pages(workspaces, terminal.chosen_language()), port=port, opens=opens, can_write=can_write)


def serve_pages(pages: "MakePages", *, port: int, opens: bool, can_write: bool) -> None:
    """Serve pages, and print their address.

    Raises:
        InvalidInput: the port cannot be opened.
    """
    from primanota.web.server import PageServer  # slow to import

    server = PageServer(pages, port=port, can_write=can_write)
    output.result(f"The page: {server.access.address}")
    output.flush()
    output.info("The address opens it once. Ctrl-C ends it.")
    if opens:
        webbrowser.open(server.access.address)
    server.run()
