"""The house stays a house: rooms that are small, arrows that point down, one door to the outside."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "primanota"
FILES = sorted(SOURCE.rglob("*.py"))

# Each room may import from itself and from rooms to its right in its own line; whoever adds a room says where it is.
_FLOOR = {"errors", "period", "model", "primanota"}
_MAY_IMPORT = {
    "errors": set[str](),
    "model": set[str](),
    "primanota": set[str](),
    "period": {"errors"},
    "credentials": {"errors", "vaults"},
    "places": {"errors"},
    "proof": set[str](),
    "toml": set[str](),
    "globs": set[str](),
    "accounts": {"errors", "globs", "model"},
    "settings": {"accounts", "errors", "places", "toml"},
    "config": {"accounts", "credentials", "errors", "places", "settings"},
    "book": {*_FLOOR, "places"},
    "formats": _FLOOR,
    "profiles": {*_FLOOR, "formats", "toml"},
    "qonto": {*_FLOOR, "credentials"},
    "keeping": {*_FLOOR, "book", "proof", "qonto"},
    "parts": {"period"},
    "selection": {"period"},
    "vaults": {"errors"},
    "exported": {"book", "model"},
    "carrying": {"book", "errors", "places"},
    "noticing": {*_FLOOR, "book", "exported", "flow", "profiles", "selection"},
    "mail": {*_FLOOR, "book", "carrying", "credentials", "exported", "places", "reviewing"},
    "naming": {"errors", "model", "period", "profiles"},
    "packing": {"errors", "model"},
    "reading": {*_FLOOR, "book", "formats", "qonto"},
    "assigning": {*_FLOOR, "accounts", "book", "reading"},
    "examples": {*_FLOOR, "book", "qonto", "reading"},
    "reviewing": {*_FLOOR, "book", "formats", "profiles", "qonto", "reading"},
    "leaving": {
        *_FLOOR,
        *{"book", "exported", "naming", "packing", "parts", "places", "profiles", "proof", "qonto"},
        *{"reading", "reviewing", "selection"},
    },
    "delivering": {*_FLOOR, "book", "leaving", "places", "profiles", "reading"},
    "flow": {
        *_FLOOR,
        *{"book", "delivering", "exported", "keeping", "leaving", "places", "profiles", "proof", "qonto"},
        *{"reviewing", "selection"},
    },
    "session": {
        *_FLOOR,
        *{"accounts", "book", "config", "credentials", "flow", "leaving", "mail", "places", "qonto"},
    },
    "telling": {
        *_FLOOR,
        *{"book", "delivering", "exported", "flow", "keeping", "mail", "places", "profiles", "reviewing"},
        *{"selection", "session"},
    },
    "weekly": {
        *_FLOOR,
        *{"book", "carrying", "flow", "keeping", "mail", "noticing", "places", "profiles", "qonto"},
        *{"selection", "session", "telling"},
    },
    "aws": {"book", "errors", "period", "profiles", "selection", "session", "telling", "weekly"},
    "scheduling": {"errors", "places"},
    "checking": {*_FLOOR, "book", "flow", "proof", "qonto"},
    "archive": {*_FLOOR, "book", "checking", "flow", "proof", "qonto"},
    "simulator": set[str](),
    "cli": {
        *_FLOOR,
        *{
            "accounts",
            "archive",
            "assigning",
            "book",
            "checking",
            "config",
            "credentials",
            "delivering",
            "examples",
            "exported",
            "flow",
            "formats",
        },
        *{"keeping", "leaving", "profiles", "qonto", "reviewing", "scheduling", "selection", "session", "settings"},
        *{"places", "simulator", "telling", "weekly"},
    },
    "__main__": {"primanota", "cli"},
}


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
def test_arrows_point_down(path: Path) -> None:
    """A room imports only what lies below it; workers never import each other."""
    room = _room(_module(path))
    assert room in _MAY_IMPORT, f"say in _MAY_IMPORT on which floor {room} is"
    above = {_room(module) for module in _imports(path)} - _MAY_IMPORT[room] - {room}
    assert not above, f"{_module(path)} imports from {above}"


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
        ("httpx2", {"client.py", "session.py"}),
        ("settled_balance_cents", {"normalise.py"}),
        ("import sqlite3", {"chain.py", "file.py", "schema.py"}),
    ],
)
def test_one_place_for_one_thing(word: str, where: set[str]) -> None:
    """Only one room reads the environment, speaks HTTP, knows the bank's fields, or opens the book."""
    ours = (path for path in FILES if "simulator" not in path.parts)
    assert {path.name for path in ours if word in path.read_text(encoding="utf-8")} == where


def test_no_word_that_writes() -> None:
    """The client can only read: of the HTTP library it uses no verb but GET."""
    client = ast.parse((SOURCE / "qonto" / "client.py").read_text(encoding="utf-8"))
    used = {
        node.attr
        for node in ast.walk(client)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "_http"
    }
    assert used == {"get", "base_url", "close"}


def test_certificates_are_always_checked() -> None:
    """Nothing in the source can switch the checking of certificates off."""
    ours = (path for path in FILES if "simulator" not in path.parts)
    assert not any("verify" in path.read_text(encoding="utf-8") for path in ours)


def test_the_version_is_quick() -> None:
    """``--version`` answers before anything slow is imported."""
    words = "import sys; sys.argv[1:] = ['--version']; import primanota.__main__ as m; m.main(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert not {"click", "rich", "httpx2", "msgspec"} & set(done.stdout.split())


def test_an_export_loads_no_network() -> None:
    """What only reads the book does not pay for what speaks to the bank."""
    words = "import sys, primanota.cli.export; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert not {"httpx2", "stamina", "rich", "keyring", "uvicorn", "starlette"} & set(done.stdout.split())
