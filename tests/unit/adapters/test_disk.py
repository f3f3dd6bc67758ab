"""Files on the disk: written completely, or not at all after a failure."""

import os
from collections.abc import Iterator
from errno import EIO
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
    """A written file contains all chunks in order, and is the only file in the folder."""
    path = tmp_path / "out.csv"
    disk.write(path, iter([b"a,b\r\n", b"", b"1,2\r\n"]))
    assert path.read_bytes() == b"a,b\r\n1,2\r\n"
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_file_is_written(tmp_path: Path) -> None:
    """Without chunks, an empty file is written."""
    disk.write(tmp_path / "out.csv", [])
    assert (tmp_path / "out.csv").read_bytes() == b""


def test_missing_folders_are_created(tmp_path: Path) -> None:
    """The missing folders of a path are created."""
    path = tmp_path / "2026" / "10" / "out.csv"
    disk.write(path, [b"x"])
    assert path.read_bytes() == b"x"


def test_only_the_owner_can_read(tmp_path: Path) -> None:
    """A file is readable only by its owner, even if it replaces one that others could read."""
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
    """The temporary file is readable only by its owner."""
    seen: list[int] = []

    def chunks() -> Iterator[bytes]:
        yield b"x"
        seen.extend(_mode(path) for path in tmp_path.iterdir())

    disk.write(tmp_path / "out.csv", chunks())
    assert seen == [0o600]


@pytest.mark.parametrize("error", [FormatRuleViolated("no"), ValueError("no"), KeyboardInterrupt()], ids=repr)
def test_a_failure_keeps_the_old_file(tmp_path: Path, error: BaseException) -> None:
    """After an error of the chunks the old file is unchanged, and no temporary file remains."""
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    with pytest.raises(type(error)) as raised:
        disk.write(path, _broken(error))
    assert raised.value is error
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_without_an_old_file(tmp_path: Path) -> None:
    """After a failure without an old file, the folder is empty."""
    with pytest.raises(FormatRuleViolated):
        disk.write(tmp_path / "out.csv", _broken(FormatRuleViolated("no")))
    assert list(tmp_path.iterdir()) == []


def test_the_old_file_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    """While a file is written, its path still has the old content."""
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    seen: list[bytes] = []

    def chunks() -> Iterator[bytes]:
        yield b"new" * 100_000
        seen.append(path.read_bytes())

    disk.write(path, chunks())
    assert seen == [b"old"]
    assert path.read_bytes() == b"new" * 100_000


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    """A path whose folder cannot be created is refused, with the path and a hint."""
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(DeliveryFailed, match=r"file/out\.csv cannot be written: .+\. Name another place") as refused:
        disk.write(tmp_path / "file" / "out.csv", [b"x"])
    assert refused.value.exit_code == 8
    assert (tmp_path / "file").read_bytes() == b"old"


def test_a_folder_is_not_overwritten(tmp_path: Path) -> None:
    """A path that is a folder is refused, and no temporary file remains."""
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(DeliveryFailed, match=r"out\.csv cannot be written"):
        disk.write(tmp_path / "out.csv", [b"x"])
    assert list(tmp_path.rglob("*")) == [tmp_path / "out.csv"]


def test_a_full_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk the old file is unchanged, and no temporary file remains."""
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DeliveryFailed, match="the disk is full"):
        disk.write(path, [b"new"])
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


# --- in two steps ------------------------------------------------------------------------------------------------


def test_a_staged_file_has_a_temporary_name(tmp_path: Path) -> None:
    """A staged file is complete and private under a temporary name, and gets its own name when it is finished."""
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


def test_staging_again_replaces_the_file(tmp_path: Path) -> None:
    """A second staging with the same key replaces the staged file."""
    path = tmp_path / "out.csv"
    for content in (b"staged by a killed process", b"new"):
        disk.stage(path, "batch-7", [content])
    disk.finish(path, "batch-7")
    assert (list(tmp_path.iterdir()), path.read_bytes()) == ([path], b"new")


def test_each_key_has_its_staged_file(tmp_path: Path) -> None:
    """Each path and key has its own staged file; discarding one keeps the others."""
    files = [(tmp_path / name, key) for name in ("a.csv", "b.csv") for key in ("batch-1", "batch-11")]
    for path, key in files:
        disk.stage(path, key, [f"{path.name} {key}".encode()])
    disk.discard(*files[0])
    disk.discard(*files[0])
    assert sorted(tmp_path.iterdir()) == sorted(disk.staged(*one) for one in files[1:])
    disk.finish(*files[2])
    assert files[2][0].read_bytes() == b"b.csv batch-1"


def test_long_names_and_any_characters(tmp_path: Path) -> None:
    """A file name of the maximum length can be staged, and so can one with any characters."""
    for name in ("x" * 251 + ".csv", "Käthe 東京 🧾.csv"):
        disk.stage(tmp_path / name, "batch-1234567", [b"x"])
        disk.finish(tmp_path / name, "batch-1234567")
        assert (tmp_path / name).read_bytes() == b"x"


def test_failed_staging_stages_nothing(tmp_path: Path) -> None:
    """After an error of the chunks no file is staged, and the old file is unchanged."""
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    with pytest.raises(FormatRuleViolated):
        disk.stage(path, "batch-1", _broken(FormatRuleViolated("no")))
    assert (list(tmp_path.iterdir()), path.read_bytes()) == ([path], b"old")


@pytest.mark.parametrize("staged", [True, False])
def test_a_file_that_cannot_be_finished(tmp_path: Path, *, staged: bool) -> None:
    """Finishing is an error if the path is a folder or no file is staged, and no temporary file remains."""
    path = tmp_path / "out.csv"
    if staged:
        disk.stage(path, "batch-1", [b"x"])
        path.mkdir()
    with pytest.raises(DeliveryFailed, match=r"out\.csv cannot be written: .+\. Name another place"):
        disk.finish(path, "batch-1")
    assert list(tmp_path.rglob("*")) == ([path] if staged else [])


@pytest.mark.parametrize("call", ["unlink", "link"])
def test_a_file_that_has_its_name_although_a_call_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """A file that got its name is finished, also if its hidden name stays, or if the system reports an error."""
    path, real = tmp_path / "out.csv", getattr(os, call)
    disk.stage(path, "batch-1", [b"x"])

    def fail(*words: object) -> None:
        if call == "link":
            real(*words)
        raise OSError(EIO, "Input/output error")

    monkeypatch.setattr(os, call, fail)
    disk.finish(path, "batch-1", "")
    assert path.read_bytes() == b"x"


def test_a_file_of_which_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk cannot be read after a renaming failed, it is not said that the file was not renamed."""
    path = tmp_path / "out.csv"
    disk.stage(path, "batch-1", [b"x"])

    def fail(*_: object, **__: object) -> None:
        raise OSError(EIO, "Input/output error")

    monkeypatch.setattr(os, "link", fail)
    monkeypatch.setattr(os, "stat", fail)
    with pytest.raises(OSError, match="Input/output error"):
        disk.finish(path, "batch-1", "")
    monkeypatch.undo()
    assert disk.staged(path, "batch-1").read_bytes() == b"x"
