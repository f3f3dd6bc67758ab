"""The JSON of attachments (Qonto docs: attachments)."""

from collections.abc import Callable

from primanota.simulator.data.company import Json
from primanota.simulator.data.identifiers import make_uuid, number_from_uuid
from primanota.simulator.data.sample_texts import PROBATIVE_STATUSES, RECEIPT_CONTENT_TYPES, RECEIPT_FILE_NAMES
from primanota.simulator.data.timestamps import DAY, MINUTE
from primanota.simulator.data.transaction import SimulatedTransaction
from primanota.simulator.files.signed_urls import FileAddress, SignedUrls

MAX_ATTACHMENTS = 5  # of one transaction
_NUMBERS_PER_TRANSACTION = 8  # attachment numbers reserved for each transaction
# How long the bank takes to seal a copy; of some it takes a day.
_SEALED_AFTER, _SEALED_LATE_AFTER = 10 * MINUTE, DAY


class AttachmentSerializer:
    """Builds the JSON of attachments. It stores only the creation times of those attached after the opening."""

    def __init__(self, seed: int, format_time: Callable[[int], str], urls: SignedUrls) -> None:
        self._seed = seed
        self._urls = urls
        self._format_time = format_time
        self._created: dict[int, int] = {}

    def uuid(self, transaction_number: int, place: int) -> str:
        """Return the UUID of attachment `place` (from 0) of a transaction."""
        return make_uuid(self._seed, "attachment", transaction_number * _NUMBERS_PER_TRANSACTION + place)

    def find(self, attachment_id: str) -> tuple[int, int] | None:
        """Return (transaction number, place) of an attachment's UUID, or None."""
        number = number_from_uuid(self._seed, "attachment", attachment_id)
        return None if number is None else divmod(number, _NUMBERS_PER_TRANSACTION)

    def uuids(self, transaction: SimulatedTransaction) -> list[str]:
        """Return the UUIDs of a transaction's attachments."""
        return [self.uuid(transaction.number, place) for place in range(transaction.attachments)]

    def all_json(self, transaction: SimulatedTransaction, now: int) -> list[Json]:
        """Return the JSON of a transaction's attachments."""
        return [self.json(transaction, place, now) for place in range(transaction.attachments)]

    def json(self, transaction: SimulatedTransaction, place: int, now: int) -> Json:
        """Return the JSON of one attachment; its URL is valid for half an hour from `now`."""
        number = transaction.number * _NUMBERS_PER_TRANSACTION + place
        name = RECEIPT_FILE_NAMES[number % len(RECEIPT_FILE_NAMES)]
        created = self._created.get(number, transaction.created + (place + 1) * MINUTE)
        status = _sealed_status(number, now - created)
        shown: Json = {
            "id": self.uuid(transaction.number, place),
            "created_at": self._format_time(created),
            **self._file(transaction.number, place, name, now),
            "probative_attachment": {"status": status},
        }
        if status == "available":
            shown["probative_attachment"] = {
                "status": status,
                **self._file(transaction.number, place, f"sealed-{name}.pdf", now),
            }
        return shown

    def record_creation(self, transaction: SimulatedTransaction, moment: int) -> None:
        """Store the creation time of the attachment that a transaction gets next."""
        self._created[transaction.number * _NUMBERS_PER_TRANSACTION + transaction.attachments] = moment

    def _file(self, transaction_number: int, place: int, name: str, now: int) -> Json:
        """Return the fields of a file; its size is a text (Qonto docs: attachments)."""
        number = transaction_number * _NUMBERS_PER_TRANSACTION + place
        address = FileAddress("attachments", self.uuid(transaction_number, place), name)
        return {
            "file_name": name,
            "file_size": f"{20_000 + number % 90_001}",
            "file_content_type": RECEIPT_CONTENT_TYPES[name[-3:]],
            "url": self._urls.sign(address, now),
        }


def _sealed_status(number: int, age: int) -> str:
    """Return the status of the sealed copy of an attachment that is so many milliseconds old."""
    planned = PROBATIVE_STATUSES[number % 16] if number % 16 < len(PROBATIVE_STATUSES) else "available"
    if planned not in {"available", "pending"}:
        return planned
    return "available" if age >= (_SEALED_LATE_AFTER if planned == "pending" else _SEALED_AFTER) else "pending"
