"""What left, on its way to the further places: one that failed is tried again by the next run, without the others.

The book has the bytes of every batch, so nothing is rendered again, and every place gets the same file.
"""

from collections.abc import Callable, Mapping

from primanota.book import Batch, Batches, Book, Copy
from primanota.core.errors import DeliveryFailed
from primanota.export.destinations import is_bucket

# To a place, the bytes, and what is written beside them; it may be called again for what has arrived already.
Carrier = Callable[[str, bytes, Mapping[str, str]], None]


def carry(book: Book, carrier: Carrier) -> list[DeliveryFailed]:
    """Bring every file to the buckets that it is bound for and that have not got it.

    Args:
        book: has the files, and which place has which.
        carrier: puts bytes into a bucket, whole and verified, or raises ``DeliveryFailed``.

    Returns:
        Why places have not got theirs, each once.
    """
    failed = {}
    for batch in Batches(book).all():
        for place in [one.place for one in batch.copies if is_bucket(one.place) and batch.waits_for(one.place)]:
            if error := _carry(book, batch, place, carrier):
                failed[str(error)] = error
    return list(failed.values())


def arrived(book: Book, number: int, place: str, why: str = "") -> None:
    """Write down that a place has a batch's file now, or why it has not; inside the book's ``writing``."""
    batches = Batches(book)
    batch = batches.one(number)  # as it is now: another run may have changed it
    if batch.waits_for(place) and not (why and Copy(place, None, why) in batch.copies):
        batches.save(batch.with_copy(place, None if why else batches.present(), why))


def _carry(book: Book, batch: Batch, place: str, carrier: Carrier) -> DeliveryFailed | None:
    notes = {"batch": str(batch.number), "profile": batch.profile, "rows": str(batch.rows), "sha256": batch.sha256}
    failed = None
    try:
        carrier(place, Batches(book).content(batch), notes)
    except DeliveryFailed as error:
        failed = error
    with book.writing():
        arrived(book, batch.number, place, failed.message if failed else "")
    return failed
