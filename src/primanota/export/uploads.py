"""Upload batch files to buckets; a failed upload is tried again by the next run.

The book has the bytes of every batch, so no file is rendered again, and every destination gets the same bytes.
"""

from collections.abc import Callable, Mapping

from primanota.book import Batches, Book
from primanota.core.errors import DeliveryFailed
from primanota.core.results import Batch, Delivery

# Uploads bytes with metadata to an address; it may be called again for an object that exists already.
Upload = Callable[[str, bytes, Mapping[str, str]], None]


def upload_pending(book: Book, upload: Upload) -> list[DeliveryFailed]:
    """Upload every file that is still missing in a bucket, unless it came with a book from elsewhere.

    Args:
        book: has the files, and the state of each delivery.
        upload: uploads and verifies a file, or raises ``DeliveryFailed``.

    Returns:
        The errors of failed uploads, each message once.
    """
    failed = {}
    for batch in Batches(book).not_held():
        for one in batch.remote_deliveries:
            is_pending = one.kind == "bucket" and batch.is_pending_at(one.destination)
            if is_pending and (error := _upload(book, batch, one.destination, upload)):
                failed[str(error)] = error
    return list(failed.values())


def mark_delivered(book: Book, number: int, destination: str, reason: str = "") -> None:
    """Record that a batch's file arrived at a destination, or the reason why it did not; inside ``writing``."""
    batches = Batches(book)
    batch = batches.one(number)  # read again: another run may have changed it
    if batch.is_pending_at(destination) and not (reason and Delivery(destination, None, reason) in batch.deliveries):
        batches.save(batch.with_delivery(destination, None if reason else batches.now(), reason))


def _upload(book: Book, batch: Batch, destination: str, upload: Upload) -> DeliveryFailed | None:
    notes = {"batch": str(batch.number), "profile": batch.profile, "rows": str(batch.rows), "sha256": batch.sha256}
    failed = None
    try:
        upload(destination, Batches(book).content(batch), notes)
    except DeliveryFailed as error:
        failed = error
    with book.writing():
        mark_delivered(book, batch.number, destination, failed.message if failed else "")
    return failed
