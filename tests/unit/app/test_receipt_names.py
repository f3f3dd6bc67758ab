"""The names of receipts that are handed out: safe on every system, and never two files under one name."""

import hashlib
import re
import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from primanota.app.receipts.receipt_archive import RowWithReceipts, hand_out
from primanota.core.kept_files import FileKind, KeptFile, Receipt, RowReceipts
from primanota.core.model import Money, Transaction
from primanota.core.receipt_names import comparable_name, receipt_names
from tests.support.factories import transaction

FILE = KeptFile("ab" * 32, 10, "application/pdf", "Rechnung.pdf")
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_STRANGE = st.text(st.sampled_from('aA\u0130\u00df\u00e9e\u0301/\\:*?"<>|. \u202e\u200b\ud83d\0\n\U0001f600-_\u5b57'))
texts = st.one_of(st.text(max_size=200), _STRANGE, st.sampled_from(["", "CON", "..", "a" * 500, "\u5b57" * 300]))


def row(party: str, cents: int = -11_744, day: date = date(2026, 10, 5)) -> Transaction:
    """Return a row of a counterparty."""
    booked = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return msgspec.structs.replace(
        transaction(), counterparty=party, purpose="", operation="card", amount=Money(cents), booked=booked
    )


def test_a_name_speaks() -> None:
    """A name has the day, the counterparty, the amount, and the number of the receipt."""
    assert receipt_names(row("Vattenfall"), 1, "original", FILE)[0] == "2026-10-05_Vattenfall_-117.44_1.pdf"
    assert (
        receipt_names(row("Müller & Söhne GmbH"), 2, "sealed", FILE)[0]
        == "2026-10-05_Müller-Söhne-GmbH_-117.44_2_sealed.pdf"
    )
    assert receipt_names(row("../../etc"), 1, "original", FILE)[0] == "2026-10-05_etc_-117.44_1.pdf"


@given(texts, st.integers(-(10**12), 10**12), st.integers(1, 5), st.sampled_from(["original", "sealed"]))
def test_every_name_is_safe(party: str, cents: int, number: int, kind: FileKind) -> None:
    """Whatever a counterparty is called, each name is one path on every system: short, in NFC, without odd signs."""
    for name in receipt_names(row(party, cents), number, kind, FILE):
        assert len(name.encode()) <= 220
        assert name == unicodedata.normalize("NFC", name)
        assert Path(name).name == name
        assert re.fullmatch(r"[\w.-]+", name)
        assert not name.startswith((".", "-"))
        assert not name.endswith((".", " "))
        assert not _RESERVED.fullmatch(name)
        assert name.endswith(".pdf")


# Names that some file systems take for the same.
_LIKE = ("a", "A", "\u00e9", "e\u0301", "\u00df", "ss", "")


class FileTable:
    """An archive whose files are in memory."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}

    def file(self, content: bytes) -> KeptFile:
        """Add a file."""
        sha256 = hashlib.sha256(content).hexdigest()
        self.content[sha256] = content
        return KeptFile(sha256, len(content), "application/pdf")

    def pieces(self, file: KeptFile) -> list[bytes]:
        """Return the bytes of a file."""
        return [self.content[file.sha256]]


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(_LIKE), st.integers(0, 3)),
        max_size=12,
    )
)
def test_no_two_files_share_a_name(tmp_path_factory, rows: list[tuple[str, int]]) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - pytest's
    """Files of equal days, counterparties and amounts get different names, also where case and accents are one."""
    folder, archive = tmp_path_factory.mktemp("out"), FileTable()
    given_rows = [
        RowWithReceipts(row(party), RowReceipts((Receipt(f"{n}", "t", original=archive.file(b"%d" % content)),)))
        for n, (party, content) in enumerate(rows)
    ]
    first = [(one.path, one.file.sha256) for one in hand_out(archive, given_rows, folder)]  # type: ignore[arg-type]
    by_name: dict[str, str] = {}
    for path, sha256 in first:
        assert by_name.setdefault(comparable_name(path.name), sha256) == sha256
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    again = list(hand_out(archive, given_rows, folder))  # type: ignore[arg-type]
    assert [(one.path, one.file.sha256) for one in again] == first
    assert not any(one.is_new for one in again)
