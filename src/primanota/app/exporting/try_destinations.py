"""Try the destinations of an export before anything is decided, so that each batch has a file that can arrive."""

from primanota.adapters.storage import disk, s3
from primanota.adapters.storage.s3_trial import require_writable
from primanota.app.workspace import Workspace
from primanota.export.destinations import Destinations


def try_destinations(workspace: Workspace, destinations: Destinations) -> None:
    """Refuse destinations to which no file can be delivered.

    Mails are not tried here: a run checks their settings when it begins.

    Raises:
        DeliveryFailed: a folder cannot be written, its disk is full, or a bucket does not take files.
        ConfigurationError: boto3 or the credentials of a bucket are missing.
    """
    if destinations.local:
        disk.require_room(destinations.local)
    for bucket in destinations.buckets:
        require_writable(workspace.store_settings, s3.Location.parse(bucket))
