"""A file is written whole, or the previous one stays, after any failure."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from primanota.adapters.storage import disk
from primanota.core.errors import DeliveryFailed, FormatRuleViolated


def _broken(error: BaseException) -> Iterator[bytes]:
    yield b"half a file\n" * 100_000
    raise error


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_file_is_written(tmp_path: Path) -> None:
    """All chunks are in the file, in order, and no other file is in the folder."""
    path = tmp_path / "out.csv"
    disk.write(path, iter([b"a,b\r\n", b"", b"1,2\r\n"]))
    assert path.read_bytes() == b"a,b\r\n1,2\r\n"
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    """Without chunks, an empty file is written."""
    disk.write(tmp_path / "out.csv", [])
    assert (tmp_path / "out.csv").read_bytes() == b""


def test_folders_are_made(tmp_path: Path) -> None:
    """Missing folders are created."""
    path = tmp_path / "2026" / "10" / "out.csv"
    disk.write(path, [b"x"])
    assert path.read_bytes() == b"x"


def test_only_the_owner_can_read(tmp_path: Path) -> None:
    """A file is readable by its owner alone, even if it replaces one that others could read."""
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    path.chmod(0o644)
    before = os.umask(0)
    try:
        disk.write(path, [b"new"])
    finally:
        os.umask(before)
    assert _mode(path) == 0o600


def test_only_the_owner_can_read_while_it_is_written(tmp_path: Path) -> None:
    """The temporary file is readable by its owner alone."""
    seen: list[int] = []

    def chunks() -> Iterator[bytes]:
        yield b"x"
        seen.extend(_mode(path) for path in tmp_path.iterdir())

    disk.write(tmp_path / "out.csv", chunks())
    assert seen == [0o600]


@pytest.mark.parametrize("error", [FormatRuleViolated("no"), ValueError("no"), KeyboardInterrupt()], ids=repr)
def test_a_failure_leaves_the_old_file(tmp_path: Path, error: BaseException) -> None:
    """An error of the chunks passes through; the old file stays, and no temporary one."""
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    with pytest.raises(type(error)) as raised:
        disk.write(path, _broken(error))
    assert raised.value is error
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    """After a failure without an old file, the folder is empty."""
    with pytest.raises(FormatRuleViolated):
        disk.write(tmp_path / "out.csv", _broken(FormatRuleViolated("no")))
    assert list(tmp_path.iterdir()) == []


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    """While a file is written, its name still leads to the old one."""
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    seen: list[bytes] = []

    def chunks() -> Iterator[bytes]:
        yield b"new" * 100_000
        seen.append(path.read_bytes())

    disk.write(path, chunks())
    assert seen == [b"old"]
    assert path.read_bytes() == b"new" * 100_000


def test_a_place_below_a_file_is_refused(tmp_path: Path) -> None:
    """A folder that cannot be created is refused, with the path and a hint."""
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(DeliveryFailed, match=r"file/out\.csv cannot be written: .+\. Name another place") as refused:
        disk.write(tmp_path / "file" / "out.csv", [b"x"])
    assert refused.value.exit_code == 8
    assert (tmp_path / "file").read_bytes() == b"old"


def test_a_folder_is_not_overwritten(tmp_path: Path) -> None:
    """A path that is a folder is refused, and no temporary file is left."""
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(DeliveryFailed, match=r"out\.csv cannot be written"):
        disk.write(tmp_path / "out.csv", [b"x"])
    assert list(tmp_path.rglob("*")) == [tmp_path / "out.csv"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk the old file stays, and no temporary one."""
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DeliveryFailed, match="No space left on device"):
        disk.write(path, [b"new"])
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


# --- in two steps ------------------------------------------------------------------------------------------------


def test_what_is_staged_has_no_name_yet(tmp_path: Path) -> None:
    """A staged file is whole and private under a temporary name; a finished one has its own name."""
    path = tmp_path / "new" / "out.csv"
    disk.stage(path, "batch-7", [b"a,b\r\n", b"1,2\r\n"])
    waiting = disk.staged(path, "batch-7")
    assert (list(path.parent.iterdir()), waiting.read_bytes(), _mode(waiting)) == (
        [waiting],
        b"a,b\r\n1,2\r\n",
        0o600,
    )
    path.write_bytes(b"old")
    disk.finish(path, "batch-7")
    assert (list(path.parent.iterdir()), path.read_bytes(), _mode(path)) == ([path], b"a,b\r\n1,2\r\n", 0o600)


def test_staged_again_is_the_newer_one(tmp_path: Path) -> None:
    """A file staged by a process that was killed is replaced by the next staging."""
    path = tmp_path / "out.csv"
    for content in (b"killed before anybody knew of it", b"new"):
        disk.stage(path, "batch-7", [content])
    disk.finish(path, "batch-7")
    assert (list(tmp_path.iterdir()), path.read_bytes()) == ([path], b"new")


def test_keys_and_names_tell_files_apart(tmp_path: Path) -> None:
    """Each key has a staged file of its own; discarding one leaves the others."""
    files = [(tmp_path / name, key) for name in ("a.csv", "b.csv") for key in ("batch-1", "batch-11")]
    for path, key in files:
        disk.stage(path, key, [f"{path.name} {key}".encode()])
    disk.discard(*files[0])
    disk.discard(*files[0])
    assert sorted(tmp_path.iterdir()) == sorted(disk.staged(*one) for one in files[1:])
    disk.finish(*files[2])
    assert files[2][0].read_bytes() == b"b.csv batch-1"


def test_names_of_the_greatest_length(tmp_path: Path) -> None:
    """A name of the greatest length can be staged, and so can one with any characters."""
    for name in ("x" * 251 + ".csv", "Käthe 東京 🧾.csv"):
        disk.stage(tmp_path / name, "batch-1234567", [b"x"])
        disk.finish(tmp_path / name, "batch-1234567")
        assert (tmp_path / name).read_bytes() == b"x"


def test_failed_staging_leaves_nothing(tmp_path: Path) -> None:
    """After an error of the chunks nothing is staged, and the old file stays."""
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    with pytest.raises(FormatRuleViolated):
        disk.stage(path, "batch-1", _broken(FormatRuleViolated("no")))
    assert (list(tmp_path.iterdir()), path.read_bytes()) == ([path], b"old")


@pytest.mark.parametrize("staged", [True, False])
def test_a_name_that_cannot_be_given_leaves_nothing_staged(tmp_path: Path, *, staged: bool) -> None:
    """If the path is a folder, or no file was staged, that is an error, and nothing is left behind."""
    path = tmp_path / "out.csv"
    if staged:
        disk.stage(path, "batch-1", [b"x"])
        path.mkdir()
    with pytest.raises(DeliveryFailed, match=r"out\.csv cannot be written: .+\. Name another place"):
        disk.finish(path, "batch-1")
    assert list(tmp_path.rglob("*")) == ([path] if staged else [])
