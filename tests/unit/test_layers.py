"""The architecture: the layers of packages, their imports, the size of modules, and their access to the outside."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.support import environment

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "primanota"
FILES = sorted(SOURCE.rglob("*.py"))

# From the highest layer to the lowest. A package imports itself and packages of lower layers, not of its own.
LAYERS = """
    primanota | __main__
    cli | library | worker | aws_lambda
    web
    fleet
    app
    close | papers
    export
    book
    profiles
    banks | formats | adapters
    core
"""
_LAYER = {name: layer for layer, names in enumerate(LAYERS.split("\n")) for name in names.replace("|", " ").split()}
_INDEPENDENT = {"simulator"}  # it imports nothing from the other packages


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _module(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _package(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def _imports(path: Path) -> Iterator[str]:
    known = {_module(file) for file in FILES}
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("primanota"):
            for alias in node.names:
                deeper = f"{node.module}.{alias.name}"
                yield deeper if deeper in known else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("primanota"))


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_packages_import_lower_layers(path: Path) -> None:
    """A package imports only packages of lower layers; the simulator imports no other package of the program."""
    package = _package(_module(path))
    others = {_package(module) for module in _imports(path)} - {package, "primanota"}
    if package in _INDEPENDENT:
        assert not others
        return
    above = {other for other in others - _INDEPENDENT if _LAYER[other] <= _LAYER[package]}
    assert not above, f"{_module(path)} imports {above}, which is not in a lower layer"
    assert not others & _INDEPENDENT or package == "cli"


def test_every_package_has_a_layer() -> None:
    """The source folder contains only the packages of the layers, and two entry points of one file each."""
    found = {path.name for path in SOURCE.iterdir() if path.name != "__pycache__"}
    packages = (_LAYER.keys() - {"primanota"}) | _INDEPENDENT
    assert found - packages == {"__init__.py", "__main__.py", "aws_lambda.py", "py.typed"}


def test_few_modules_know_the_bank() -> None:
    """Outside of ``banks`` only the composition root, consents and ``get`` name the connector of Qonto."""
    names = re.compile("banks.qonto|from primanota.banks")
    knowing = {path.relative_to(SOURCE) for path in FILES if names.search(path.read_text(encoding="utf-8"))}
    above = {f"{path}" for path in knowing if path.parts[0] != "banks"}
    assert above <= {"app/workspace.py", "app/bank_access.py", "app/installation/consent.py", "cli/commands/get.py"}


def test_no_circular_imports() -> None:
    """No module imports itself through others, not even inside a function."""
    imports = {_module(path): set(_imports(path)) - {_module(path)} for path in FILES}
    without_parents = {
        name: {other for other in others if not name.startswith(f"{other}.")} for name, others in imports.items()
    }
    TopologicalSorter(without_parents).prepare()


@pytest.mark.parametrize("package", ["app", "banks.qonto", "book", "cli"])
def test_rooms_of_a_package_have_no_circle(package: str) -> None:
    """The folders of a package, and the modules beside them as one, import each other in one direction only."""
    rooms: dict[str, set[str]] = {}
    for path in FILES:
        if room := _room(_module(path), package):
            others = {_room(name, package) for name in _imports(path)}
            rooms.setdefault(room, set()).update(others - {room, ""})
    assert len(rooms) > 3
    TopologicalSorter(rooms).prepare()


def _room(module: str, package: str) -> str:
    """Return the folder of a module in a package: “.” for those beside the folders, "" for other packages."""
    inner = module.removeprefix(f"primanota.{package}.")
    if inner == module:
        return ""
    return inner.split(".")[0] if (SOURCE / package.replace(".", "/") / inner.split(".")[0]).is_dir() else "."


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_modules_are_small(path: Path) -> None:
    """A module has at most 350 lines, a function at most 60, and no module is named utils."""
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 350
    assert "util" not in path.stem
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name


@pytest.mark.parametrize(
    ("word", "where"),
    [
        ("os.environ", {"config.py", "for_mail.py", "terminal.py"}),
        (
            "httpx2",
            {
                *("httpx_transport.py", "proxied.py"),  # the simulator and the tests; a proxy
                "endpoint.py",  # the OAuth server, once an hour
                *(
                    "connections.py",
                    "client.py",
                    "file_hosts.py",
                    "workspace.py",
                ),  # certificates of few systems; types
                *("bank_access.py", "consent.py", "grants.py"),  # types
            },
        ),
        ("settled_balance_cents", {"checked_rows.py", "flawed_values.py", "normalise.py", "rows.py"}),
        (
            "import sqlite3",
            {
                *("connection.py", "database.py", "database_errors.py", "hash_chain.py", "lock_wait.py"),
                *("other_books.py", "schema.py"),
            },
        ),
    ],
)
def test_each_resource_has_its_modules(word: str, where: set[str]) -> None:
    """The environment, HTTP, the bank's field names and SQLite are each used in the listed modules only."""
    ours = (path for path in FILES if "simulator" not in path.relative_to(SOURCE).parts)
    assert {path.name for path in ours if word in path.read_text(encoding="utf-8")} == where


def test_a_class_name_exists_once() -> None:
    """No two classes have the same name, except ``Options``, which every writer has."""
    names = Counter(node.name for path in FILES for node in ast.walk(_tree(path)) if isinstance(node, ast.ClassDef))
    assert {name for name, count in names.items() if count > 1} == {"Options"}


def test_the_client_only_reads() -> None:
    """Requests to the bank are made by two transports, with GET alone, and to its OAuth server with POST alone."""
    verbs = (".Request", ".putrequest", ".request", ".post", ".put", ".patch", ".delete")
    made = [
        (f"{path.relative_to(SOURCE / 'banks' / 'qonto')}", ast.unparse(node.args[0]))
        for path in FILES
        if path.is_relative_to(SOURCE / "banks")
        for node in _calls(path)
        if ast.unparse(node.func).endswith(verbs) and node.args and ast.unparse(node.args[0]).startswith("'")
    ]
    assert made == [
        ("http/direct.py", "'GET'"),
        ("http/httpx_transport.py", "'GET'"),
        ("oauth/endpoint.py", "'POST'"),
    ]


def test_a_form_goes_to_the_oauth_server_alone() -> None:
    """The one POST goes to the URL of the app's OAuth server, for tokens and revocations, and nowhere else."""
    endpoint, grants = (SOURCE / "banks" / "qonto" / "oauth" / name for name in ("endpoint.py", "grants.py"))
    assert "OAuthPath = Literal['/oauth2/token', '/oauth2/revoke']" in ast.unparse(_tree(endpoint))
    assert [ast.unparse(node.args[0]) for node in _calls(endpoint, "Address")] == ["app.url"]
    assert [path for path in FILES if path.is_relative_to(SOURCE / "banks") and _calls(path, "post")] == [grants]
    words = {ast.unparse(node.args[1]) for name in ("post", "_sent", "_asked") for node in _calls(grants, name)}
    assert words == {"path", "'/oauth2/token'", "'/oauth2/revoke'"}


def _calls(path: Path, name: str | None = None) -> list[ast.Call]:
    """Return the calls in a module, of one function or of all."""
    calls = [node for node in ast.walk(_tree(path)) if isinstance(node, ast.Call)]
    return [node for node in calls if name in {None, ast.unparse(node.func)}]


def test_certificates_are_always_checked() -> None:
    """No module contains an option that disables the verification of certificates."""
    switches = re.compile(r"verify\s*=|verify_mode|CERT_NONE|CERT_OPTIONAL|check_hostname|unverified_context")
    ours = (path for path in FILES if "simulator" not in path.relative_to(SOURCE).parts)
    assert not [path for path in ours if switches.search(path.read_text(encoding="utf-8"))]


def test_the_version_imports_no_slow_package() -> None:
    """``--version`` is printed without an import of a slow package."""
    words = "import sys; sys.argv[1:] = ['--version']; import primanota.__main__ as m; m.main(); print(*sys.modules)"
    done = environment.run([sys.executable, "-c", words], check=True)
    assert not {"click", "rich", "httpx2", "msgspec"} & set(done.stdout.split())


def test_an_export_imports_no_network_package() -> None:
    """The module of the command ``export`` imports no package for the network."""
    words = "import sys, primanota.cli.commands.export; print(*sys.modules)"
    done = environment.run([sys.executable, "-c", words], check=True)
    assert not {"httpx2", "stamina", "rich", "keyring", "uvicorn", "starlette"} & set(done.stdout.split())


def test_a_request_needs_no_http_library() -> None:
    """The client of the bank imports neither an HTTP library nor what repeats a request: both are slow to import."""
    words = """
import sys
from primanota.banks.qonto.http.client import Client
from primanota.core.secret import Credentials, Secret
Client(Credentials("a", Secret("b")), api_url="https://bank.example").close()
print(*sys.modules)
"""
    done = environment.run([sys.executable, "-c", words], check=True)
    assert not {"httpx2", "httpcore2", "urllib3", "stamina", "asyncio"} & set(done.stdout.split())
