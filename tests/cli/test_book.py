"""``primanota book``: exporting and importing the whole book, and rebuilding its index."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.screens.command_line import Terminal


@pytest.fixture
def here(terminal: Callable[..., Terminal]) -> Terminal:
    """A terminal whose book has exported batches."""
    made = terminal(size=120)
    made.run("sync")
    assert made.run("export", "lexware", "--period", "2026-10").code == 0
    return made


@pytest.fixture
def book(here: Terminal) -> Path:
    """The file of that book."""
    return here.home / "books" / f"{here.simulator.login}.book"


def test_out_and_in_again(here: Terminal, book: Path, tmp_path: Path) -> None:
    """A book that is exported, deleted and imported is proven, and each batch can be written again."""
    out = str(tmp_path / "out")
    result = here.run("book", "export", out)
    assert result.code == 0
    assert f"Written: {out} (" in result.out
    assert "Hauptkonto" in result.out
    book.unlink()
    result = here.run("book", "import", out)
    assert (result.code, result.err) == (0, "")
    assert f"Written: {book} (" in result.out
    assert here.run("check").code == 0
    left = {batch["batch"]: Path(batch["path"]) for batch in here.run("batches", "--json").data["batches"]}
    for number, path in left.items():
        again = here.run("batches", "again", str(number), "--to", str(tmp_path / "again"), "--json").data["path"]
        assert Path(again).read_bytes() == path.read_bytes()
    assert left
    assert here.run("export", "lexware", "--new", "--since", "2026-10-01", "--until", "2026-10-31").code == 0
    assert len(here.run("batches", "--json").data["batches"]) == len(left)


def test_for_machines(here: Terminal, book: Path, tmp_path: Path) -> None:
    """``--json`` prints the path, row counts, control sums and both hashes, the same for export and import."""
    out = here.run("book", "export", str(tmp_path / "out"), "--json").data
    stated = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    assert out == {
        "organisation": here.simulator.login,
        "path": str(tmp_path / "out"),
        "files": {name: part["rows"] for name, part in stated["files"].items()},
        "accounts": stated["contents"]["accounts"],
        "manifest_sha256": out["manifest_sha256"],
        "hash_chain_head": stated["contents"]["hash_chain_head"],
    }
    book.unlink()
    assert here.run("book", "import", str(tmp_path / "out"), "--json").data == out | {"path": str(book)}
    found = here.run("book", "reindex", "--json").data
    assert found == {"organisation": here.simulator.login, "records": found["records"], "differed": 0}


def test_reindex_repairs_the_index(here: Terminal, book: Path) -> None:
    """``book reindex`` prints how many records differed, and the check that failed before succeeds."""
    with closing(sqlite3.connect(book, isolation_level=None)) as other:
        other.execute("DELETE FROM latest WHERE kind = 'label'")
    assert here.run("check").code == 6
    result = here.run("book", "export", "nowhere")
    assert (result.code, "Run “primanota book reindex”" in result.err) == (3, True)
    result = here.run("book", "reindex")
    assert result.code == 0
    assert "Rebuilt: the index of" in result.out
    assert not result.out.endswith(" 0 differed.\n")
    assert here.run("check").code == 0
    assert here.run("book", "reindex").out.endswith(" 0 differed.\n")


def test_refusals(here: Terminal, book: Path, tmp_path: Path) -> None:
    """A destination that exists already is exit code 8; a folder that is not an exported book is exit code 3."""
    out = str(tmp_path / "out")
    here.run("book", "export", out)
    assert here.run("book", "export", out).code == 8
    result = here.run("book", "import", out)
    assert (result.code, f"There is a book already: {book}." in result.err) == (8, True)
    assert here.run("book", "import", str(tmp_path)).code == 3
    assert here.run("book", "import", str(tmp_path / "none")).code == 3


@pytest.mark.parametrize("named", [("--organisation", "other-1"), ("PRIMANOTA_LOGIN", "other-1")])
def test_another_organisation_is_refused(
    here: Terminal, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: tuple[str, str]
) -> None:
    """An import for another organisation, named or by default, is refused, and the error names the right one."""
    out, login = str(tmp_path / "out"), here.simulator.login
    here.run("book", "export", out)
    book.unlink()
    before = list(book.parent.iterdir())
    if named[0].startswith("PRIMANOTA"):
        monkeypatch.setenv(*named)
        result = here.run("book", "import", out)
    else:
        result = here.run("book", "import", out, *named)
    assert result.code == 2
    assert f"This is the book of {login}, not of other-1." in result.err
    assert list(book.parent.iterdir()) == before
    assert here.run("book", "import", out, "--organisation", login).code == 0


def test_on_a_new_machine(here: Terminal, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any settings, the organisation is taken from the exported book; no login or secret is needed."""
    here.run("book", "export", str(tmp_path / "out"))
    for name in ("LOGIN", "SECRET_KEY", "API_URL"):
        monkeypatch.delenv(f"PRIMANOTA_{name}")
    monkeypatch.setenv("PRIMANOTA_HOME", str(tmp_path / "new"))
    assert here.run("book", "import", str(tmp_path / "out")).code == 0
    assert (tmp_path / "new" / "books" / book.name).is_file()


@pytest.mark.parametrize("slug", ["../../evil", "", "a/b"])
def test_a_name_that_leads_elsewhere_is_refused(here: Terminal, tmp_path: Path, slug: str) -> None:
    """A login in a manifest that would lead to another folder is refused, and nothing is written."""
    here.run("book", "export", str(tmp_path / "out"))
    manifest = tmp_path / "out" / "manifest.json"
    stated = json.loads(manifest.read_bytes())
    stated["contents"]["organisation"]["slug"] = slug
    manifest.write_text(json.dumps(stated), encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    result = here.run("book", "import", str(tmp_path / "out"), "--organisation", slug)
    assert (result.code, "is not a login" in result.err) == (3, True)
    assert sorted(tmp_path.rglob("*")) == before
