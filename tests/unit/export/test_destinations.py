"""Destinations are parsed, or refused with an error that names the invalid word."""

from pathlib import Path

import pytest

from primanota.core.errors import InvalidInput
from primanota.export.destinations import Destinations, parse_destinations


def test_several_destinations_at_once() -> None:
    """A folder, buckets and mail addresses may be given together, in any order; repeated addresses count once."""
    words = ["mailto:ada@example.com,zoe@example.com", "s3://files/acme", "out", "mailto:ada@example.com", "s3://b/"]
    assert parse_destinations(words) == Destinations(
        Path("out"), ("s3://files/acme/", "s3://b/"), ("ada@example.com", "zoe@example.com")
    )


def test_the_default_is_the_folder_for_exports() -> None:
    """The default destination is the export folder; with a bucket alone, no file is written on this machine."""
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
def test_an_invalid_destination_is_refused(words: list[str], sentence: str) -> None:
    """An invalid destination is refused with an error that says what is wrong."""
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
def test_every_batch_has_an_object_of_its_own(name: str, object_: str) -> None:
    """The name of an object in a bucket, where nothing is overwritten, always contains the number of its batch."""
    to = Destinations(Path("out"), ("s3://b/f/",), ("ada@example.com",))
    assert list(to.remote(name, 7)) == [f"s3://b/f/{object_}", "mailto:ada@example.com"]
