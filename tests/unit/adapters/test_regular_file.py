"""Files that a person or another program made are read whole only if they are regular and of a bounded size."""

import os
from pathlib import Path

import pytest

from primanota import profiles
from primanota.adapters.settings import config
from primanota.adapters.storage import disk, regular_file, remote_book, s3
from primanota.core.errors import DeliveryFailed, InvalidConfiguration, InvalidInput


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    """A regular file is read up to its limit, and one byte more is refused."""
    file = tmp_path / "x"
    file.write_bytes(b"ab")
    assert regular_file.read(file, 2) == b"ab"
    with pytest.raises(OSError, match="more than"):
        regular_file.read(file, 1)


@pytest.mark.parametrize("kind", ["pipe", "folder", "endless", "loop", "lost", "nul"])
def test_anything_else_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    """A pipe, a folder, an endless device, a link in a circle and an impossible name are refused without waiting."""
    path = tmp_path / "x"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "endless":
            path.symlink_to("/dev/zero")
        case "loop":
            path.symlink_to(path)
        case "nul":
            path = tmp_path / "x\0"
    with pytest.raises(OSError, match=r"\w") as refused:
        regular_file.read(path, 10)
    assert refused.value.strerror


def test_a_pipe_as_a_profile_or_as_settings(tmp_path: Path) -> None:
    """A pipe in place of a profile or of the settings is refused with a sentence instead of being waited for."""
    pipe = tmp_path / "x.toml"
    os.mkfifo(pipe)
    with pytest.raises(InvalidInput, match="it is a pipe, a device or a socket"):
        profiles.load(str(pipe))
    with pytest.raises(InvalidConfiguration, match="it is a pipe, a device or a socket"):
        config.load({"PRIMANOTA_CONFIG": str(pipe)})


def test_huge_profiles_and_settings(tmp_path: Path) -> None:
    """A profile and settings of more than a megabyte are refused with a sentence."""
    huge = tmp_path / "x.toml"
    huge.write_bytes(b"#" * (1 << 20) + b"#")
    with pytest.raises(InvalidInput, match="it has more than 1 MB"):
        profiles.load(str(huge))
    with pytest.raises(InvalidConfiguration, match="it has more than 1 MB"):
        config.load({"PRIMANOTA_CONFIG": str(huge)})


def test_the_null_device_is_no_settings() -> None:
    """The null device as the settings file is the way to have none."""
    assert config.load({"PRIMANOTA_CONFIG": os.devnull}).organisations == {}


def test_a_shared_book_is_a_regular_file(tmp_path: Path) -> None:
    """A pipe or a device as a shared book is refused before anything is read or replaced."""
    os.mkfifo(tmp_path / "x.book")
    for path in (tmp_path / "x.book", os.devnull):
        with pytest.raises(InvalidInput, match="is not the path of a book"):
            remote_book.book_store(f"shared:{path}", s3.Store())


def test_an_open_file_is_no_place(tmp_path: Path) -> None:
    """The name of an open file of the process, as /dev/stdout is one, is refused as a place for files."""
    with (
        (tmp_path / "x.csv").open("wb") as file,
        pytest.raises(DeliveryFailed, match="is a pipe, a device") as refused,
    ):
        disk.resolved(Path(f"/proc/self/fd/{file.fileno()}"))
    assert "--to -" in refused.value.hint


@pytest.mark.parametrize("word", ["~no-such-user-here/x", "a\0b"])
def test_a_path_that_cannot_be(word: str) -> None:
    """A home of an unknown user and a NUL are invalid input."""
    with pytest.raises(InvalidInput):
        disk.path_of(word)
