"""Two runs that share a book and a folder for files: each row is in one file, and no file is taken for another."""

from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from primanota.book import Book
from primanota.export import delivery
from tests.support.files.csv_files import rows_of
from tests.support.files.killed_export import Killed, killed_when
from tests.support.screens.command_line import CommandResult, Terminal
from tests.support.servers import s3_server
from tests.support.servers.s3_server import BUCKET, Cloud

cloud = s3_server.cloud
_TOOL = """
title = "A tool that looks for no duplicates"
format = "csv"
source = "invented"
[options]
columns = [["Id", "{id}"], ["Day", "{booked:%Y-%m-%d}"], ["Amount", "{amount}"]]
"""


@pytest.fixture(params=["shared", "s3"])
def export(
    request: pytest.FixtureRequest,
    terminal: Callable[..., Terminal],
    cloud: Cloud,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[], CommandResult]:
    """Return the export of new rows, with a book that lies elsewhere and has no export yet."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", cloud.url)
    (tmp_path / "share").mkdir()
    place = f"s3://{BUCKET}/a.book" if request.param == "s3" else f"shared:{tmp_path}/share/a.book"
    monkeypatch.setenv("PRIMANOTA_BOOK", place)
    (tmp_path / "tool.toml").write_text(_TOOL, encoding="utf-8")
    here = terminal(size=60)
    assert here.run("sync").code == 0
    words = ("export", f"{tmp_path}/tool.toml", "--new", "--since", "2016-01-01", "--to", f"{tmp_path}/files")
    return lambda: here.run(*words)


def _ids(folder: Path) -> list[str]:
    return [row["Id"] for row in rows_of(*sorted((folder / "files").glob("*.csv")))]


def test_a_run_that_is_overtaken_before_it_puts_back_its_book(
    export: Callable[[], CommandResult], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a run has staged its files, another one delivers the same rows: they are in its files alone."""
    publish, others = delivery._publish, list[CommandResult]()

    def late(book: Book, numbers: Collection[int]) -> None:
        monkeypatch.setattr(delivery, "_publish", publish)
        others.append(export())
        publish(book, numbers)

    monkeypatch.setattr(delivery, "_publish", late)
    first = export()
    assert ([one.code for one in others], first.code) == ([0], 0)
    assert "there is nothing to import" in first.out
    assert others[0].out.count("Written") > 1
    found = Counter(_ids(tmp_path))
    assert found
    assert set(found.values()) == {1}
    assert [path.name for path in (tmp_path / "files").iterdir() if path.name.startswith(".")] == []
    export()
    assert Counter(_ids(tmp_path)) == found


def test_a_staged_file_that_is_gone_had_not_arrived(
    export: Callable[[], CommandResult], tmp_path: Path, cloud: Cloud
) -> None:
    """A batch whose file is neither staged nor at its place is open: exit code 8 until a person decides."""
    del cloud
    with pytest.raises(Killed), killed_when("before"):
        export()
    for path in (tmp_path / "files").glob(".primanota-*"):
        path.unlink()
    refused = export()
    assert refused.code == 8
    assert "it is not known whether it arrived" in refused.err
    assert _ids(tmp_path) == []
