"""The house stays a house: rooms that are small, arrows that point down, one door to the outside."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.support import environment

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "primanota"
FILES = sorted(SOURCE.rglob("*.py"))

# From the top to the bottom. A package imports itself and what stands below it; those of one floor do not know each
# other.
LAYERS = """
    __main__
    cli | web | worker | aws_lambda
    app
    export
    book
    profiles
    banks | formats | adapters
    core
"""
_FLOOR = {room: floor for floor, rooms in enumerate(LAYERS.split("\n")) for room in rooms.replace("|", " ").split()}
_APART = {"simulator"}  # it imports nothing of the rest


def _module(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def _imports(path: Path) -> Iterator[str]:
    known = {_module(file) for file in FILES}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("primanota"):
            for alias in node.names:
                deeper = f"{node.module}.{alias.name}"
                yield deeper if deeper in known else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("primanota"))


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_imports_point_down(path: Path) -> None:
    """A package imports only packages of lower floors; the simulator imports nothing of the program."""
    room = _room(_module(path))
    others = {_room(module) for module in _imports(path)} - {room, "primanota"}
    if room in _APART:
        assert not others
        return
    above = {other for other in others - _APART if _FLOOR[other] <= _FLOOR[room]}
    assert not above, f"{_module(path)} imports {above}, which does not stand below it"
    assert not others & _APART or room == "cli"


def test_nothing_stands_beside_the_floors() -> None:
    """Directly below the package there are only the floors and the two doors that are one file."""
    beside = {path.name for path in SOURCE.iterdir() if path.name != "__pycache__"}
    rooms = _FLOOR.keys() | _APART
    assert beside - rooms == {"__init__.py", "__main__.py", "aws_lambda.py", "py.typed"}


def test_one_bank_is_known_in_few_places() -> None:
    """Above the book only the composition root and ``get`` know which bank it is."""
    knowing = {path.relative_to(SOURCE) for path in FILES if any("banks.qonto" in one for one in _imports(path))}
    above = {f"{path}" for path in knowing if path.parts[0] != "banks"}
    assert above <= {"app/workspace.py", "cli/get.py"}


def test_no_circle() -> None:
    """No module imports itself by a detour, not even inside a function."""
    arrows = {_module(path): set(_imports(path)) - {_module(path)} for path in FILES}
    package_of_itself = {
        name: {other for other in others if not name.startswith(f"{other}.")} for name, others in arrows.items()
    }
    TopologicalSorter(package_of_itself).prepare()


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_rooms_are_small(path: Path) -> None:
    """No file is longer than 350 lines, no function longer than 60, and nothing is called utils."""
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 350
    assert "util" not in path.stem
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name


@pytest.mark.parametrize(
    ("word", "where"),
    [
        ("os.environ", {"config.py"}),
        ("httpx2", {"client.py", "workspace.py"}),
        ("settled_balance_cents", {"normalise.py", "rows.py"}),
        ("import sqlite3", {"hash_chain.py", "database.py", "schema.py"}),
    ],
)
def test_one_place_for_one_thing(word: str, where: set[str]) -> None:
    """Only one room reads the environment, speaks HTTP, knows the bank's fields, or opens the book."""
    ours = (path for path in FILES if "simulator" not in path.parts)
    assert {path.name for path in ours if word in path.read_text(encoding="utf-8")} == where


def test_a_class_name_exists_once() -> None:
    """A class name means one thing in the whole project; every writer has ``Options`` of its own."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in FILES]
    names = Counter(node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    assert {name for name, count in names.items() if count > 1} == {"Options"}


def test_no_word_that_writes() -> None:
    """The client can only read: of the HTTP library it uses no verb but GET."""
    client = ast.parse((SOURCE / "banks" / "qonto" / "client.py").read_text(encoding="utf-8"))
    used = {
        node.attr
        for node in ast.walk(client)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "_http"
    }
    assert used == {"get", "base_url", "close"}


def test_certificates_are_always_checked() -> None:
    """Nothing in the source can switch the checking of certificates off."""
    switches = re.compile(r"verify\s*=|verify_mode|CERT_NONE|CERT_OPTIONAL|check_hostname|unverified_context")
    ours = (path for path in FILES if "simulator" not in path.parts)
    assert not [path for path in ours if switches.search(path.read_text(encoding="utf-8"))]


def test_the_version_is_quick() -> None:
    """``--version`` answers before anything slow is imported."""
    words = "import sys; sys.argv[1:] = ['--version']; import primanota.__main__ as m; m.main(); print(*sys.modules)"
    done = environment.run([sys.executable, "-c", words], check=True)
    assert not {"click", "rich", "httpx2", "msgspec"} & set(done.stdout.split())


def test_an_export_loads_no_network() -> None:
    """What only reads the book does not pay for what speaks to the bank."""
    words = "import sys, primanota.cli.export; print(*sys.modules)"
    done = environment.run([sys.executable, "-c", words], check=True)
    assert not {"httpx2", "stamina", "rich", "keyring", "uvicorn", "starlette"} & set(done.stdout.split())
