"""Media types are the same for S3 and for mails."""

import pytest

from primanota.core.media_types import media_type


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rows.csv", "text/csv"),
        ("rows.JSONL", "application/jsonl"),
        ("exports/2026/acme.book", "application/vnd.sqlite3"),
        ("rows.csv.zip", "application/zip"),
        ("rows.sta", "application/octet-stream"),
        ("rows", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_the_extension_decides(name: str, expected: str) -> None:
    """The last extension of a name decides, in any case; a name without a known one has the general type."""
    assert media_type(name) == expected
