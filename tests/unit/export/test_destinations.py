"""What people say about places is understood, or refused with what can be said."""

from pathlib import Path

import pytest

from primanota.core.errors import InvalidInput
from primanota.export.destinations import Destinations, parse_destinations


def test_several_places_at_once() -> None:
    """A folder, buckets and people may be named together, each once, in any order."""
    words = ["mailto:ada@example.com,zoe@example.com", "s3://files/acme", "out", "mailto:ada@example.com", "s3://b/"]
    assert parse_destinations(words) == Destinations(
        Path("out"), ("s3://files/acme/", "s3://b/"), ("ada@example.com", "zoe@example.com")
    )


def test_the_folder_for_exports_is_meant_where_nothing_is_said() -> None:
    """Without a word, files go where they always went; with a bucket alone, nothing is written here."""
    assert parse_destinations([], Path("exports")) == Destinations(Path("exports"))
    assert parse_destinations(["s3://b/"], Path("exports")).local is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["here", "there"], "two places on this machine"),
        (["ftp://example.com/in"], "not a destination"),
        (["mailto:ada"], "“ada” is not a mail address"),
        (["mailto:"], "“” is not a mail address"),
        (["mailto:ada@example.com,\nBcc: eve@example.com"], "is not a mail address"),
    ],
)
def test_what_is_no_place_is_refused(words: list[str], sentence: str) -> None:
    """The sentence names the word."""
    with pytest.raises(InvalidInput, match=sentence):
        parse_destinations(words)


@pytest.mark.parametrize(
    ("name", "object_"),
    [
        ("lexware_main_2026-10.csv", "lexware_main_2026-10_batch-7.csv"),
        ("lexware_main_batch-7.csv", "lexware_main_batch-7.csv"),
        ("lexware_main_batch-7_2.csv", "lexware_main_batch-7_2.csv"),
        ("lexware_main_batch-71.csv", "lexware_main_batch-71_batch-7.csv"),
    ],
)
def test_no_two_batches_have_one_object(name: str, object_: str) -> None:
    """In a bucket, where nothing is ever overwritten, every file's name has its batch."""
    to = Destinations(Path("out"), ("s3://b/f/",), ("ada@example.com",))
    assert list(to.remote(name, 7)) == [f"s3://b/f/{object_}", "mailto:ada@example.com"]
