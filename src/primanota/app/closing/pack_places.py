"""Where the packs of a workspace's months go, as its settings say. Light: each run looks here."""

from primanota.adapters.settings.month_packs import close_settings
from primanota.adapters.storage import s3
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.book.due_months import DueMonths
from primanota.export.destinations import Destinations, parse_destinations


def pack_destinations(workspace: Workspace) -> Destinations:
    """Return the places of packs; none if the settings name none.

    Raises:
        InvalidInput: a word does not name a destination.
    """
    found = parse_destinations(close_settings(workspace.config, workspace.login).to)
    for bucket in found.buckets:
        s3.Location.parse(bucket)
    return found


def is_pack_wanted(workspace: Workspace, book: Book) -> bool:
    """Return whether a run has packs to make, or to deliver."""
    return bool(pack_destinations(workspace).words) or any(one.pending for one in DueMonths(book).not_held())


def everyone(workspace: Workspace, recipients: tuple[str, ...]) -> tuple[str, ...]:
    """Return the recipients of a run's mail, and those of packs."""
    return tuple(dict.fromkeys((*recipients, *pack_destinations(workspace).recipients)))
