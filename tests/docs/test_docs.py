"""The documentation is tested: its examples are run, its names exist, and no command or setting is undocumented.

A ``console`` block is a session at a shell. Each line ``$ primanota …`` is run against the invented company, from
noon of Monday, 23 November 2026 on; each page has a home of its own. The output of a command must contain the lines
below it, in that order; ``...`` stands for omitted lines. Files are named without their folder, and the text after a
question is the user's answer. ``# exit code 6`` after a command is its exit code; the default is 0. Attributes of
``console``:

- ``after=NAME``: the events since the previous block, separated by commas. ``week``: a week passes, in which rows
  arrive. ``note``: the newest row gets a note. ``reverse``: the bank reverses the row before the newest. ``loss``:
  the exported files are deleted. ``crash``: the process is killed during an export of new rows.
- ``fault=NAME``: the block has a home of its own, and a bank with this fault.

``toml file=NAME`` is written to the working folder of the page, ``file=config.toml`` to the folder of the settings.
The lines of ``csv from=PATTERN`` must be in the exported files. A block with ``of=PATH`` is quoted from that file of
the repository.
"""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from inspect import getmembers, isclass
from itertools import chain
from pathlib import Path

import click
import pytest

from primanota import profiles
from primanota.adapters.settings import config, month_packs, oauth_app
from primanota.cli import primanota
from primanota.core import errors
from primanota.fleet.oauth import token_key
from primanota.formats import FORMATS
from primanota.formats.templates import FIELDS
from tests.support.clock import Clock
from tests.support.screens.docs_shell import FENCE, Block, Shell, Step, blocks

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "CODE_OF_CONDUCT.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
]
COMMANDS = ROOT / "docs" / "commands.md"
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
_INTERRUPTED = 130
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def _read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _codes(page: Path) -> Iterator[str]:
    """Yield all text set as code: the lines of blocks, and the text between back-ticks."""
    text = _read(page)
    for _, _, block in FENCE.findall(text):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", FENCE.sub("", text))


@pytest.mark.parametrize("name", NAMES)
def test_every_session_has_the_output_shown(
    name: str, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command on a page has the exit code and the output that the page shows."""
    page = [*blocks(_read(ROOT / name))]
    if not any(block.language == "console" for block in page):
        return
    shell = Shell(tmp_path / "work", tmp_path / "home", clock, monkeypatch)
    with shell.bank():
        for block in page:
            if "file" in block.words:
                _write_example(block, shell)
            if "from" in block.words:
                _check_exported_lines(block, shell.files)
            if block.language == "console" and "fault" not in block.words:
                shell.run_block(block)
    for place, block in enumerate(page):
        if block.language == "console" and "fault" in block.words:
            apart = Shell(tmp_path / "work", tmp_path / f"apart-{place}", clock, monkeypatch)
            with apart.bank(block.words["fault"]):
                apart.run_block(block)


def _write_example(block: Block, shell: Shell) -> None:
    """Write a file that a page shows into the folder in which the program reads it."""
    name = block.words["file"]
    folder = shell.files.parent if name == "config.toml" else shell.folder
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(block.text, encoding="utf-8")


def _check_exported_lines(block: Block, files: Path) -> None:
    """Assert that the lines that a page shows are in the exported files."""
    found = [line for file in files.glob(block.words["from"]) for line in _read(file).splitlines()]
    for line in block.text.splitlines():
        assert line in found


@pytest.mark.parametrize("name", NAMES)
def test_every_quotation_is_exact(name: str) -> None:
    """A text that a page quotes from a file of the repository is in that file, word for word."""
    for block in blocks(_read(ROOT / name)):
        if "of" in block.words:
            assert block.text in _read(ROOT / block.words["of"]), f"{name} misquotes {block.words['of']}"


def _existing() -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its full name."""
    context = click.Context(primanota)
    for name in primanota.list_commands(context):
        command = primanota.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", below) for inner, below in command.commands.items())


def _options(command: click.Command) -> set[str]:
    return {"--help", "-h", *(word for param in command.params for word in param.opts if word.startswith("-"))}


def _sections() -> dict[str, str]:
    """Return the sections of docs/commands.md by their headings; each ends at the next heading of any level."""
    text = FENCE.sub("", _read(COMMANDS))
    return {_anchor(title): below for title, below in re.findall(r"^##+ (.+)\n((?:(?!##).*\n)*)", text, re.MULTILINE)}


def test_every_command_and_option_is_explained() -> None:
    """docs/commands.md has a section for every command and subcommand.

    Each option is in that section, in a section of the page that it links to, or under Everywhere.
    """
    sections = _sections()
    for name, command in _existing():
        title = _anchor(f"primanota {name}")
        assert title in sections, f"docs/commands.md has no section on {name}"
        near = [title, "everywhere", *re.findall(r"\(#([\w-]+)\)", sections[title])]
        text = "".join(sections[one] for one in near)
        for option in _options(command):
            assert f"`{option}" in text, f"docs/commands.md does not explain {option} of {name}"


@pytest.mark.parametrize("name", NAMES)
def test_every_named_command_and_option_exists(name: str) -> None:
    """Every command, subcommand and option that a page names exists."""
    existing = dict(_existing())
    for code in _codes(ROOT / name):
        for words in re.findall(r"(?:^|[ “])primanota ([a-z](?:(?! primanota )[^“”|;&])*)", code):
            if not re.search(r"(?:install|[/.]) ?primanota ", code):
                first, second = [*words.split(), ""][:2]
                option_group = isinstance(existing.get(first), click.Group) and second.isalpha()
                command = f"{first} {second}" if option_group else first
                assert command in existing, f"{code}: there is no {command}"
                for option in re.findall(r"(?<= )--?[a-z][a-z-]*", words):
                    assert option in _options(existing[command]), f"{code}: {command} has no {option}"


# Run with --json, in this order, after a change of a row that was exported in the first batch.
_JSON_COMMANDS = (
    *(
        "run --new",
        "sync",
        "list --period november",
        "review",
        "export lexware --new",
        "batches",
        "batches show 1",
        "batches again 1",
    ),
    *(
        "batches undo 1 --yes",
        "status",
        "batches redo 1",
        "batches imported 1",
        "rules test",
        "check",
        "profiles",
        "profiles show lexware",
        "profiles check wrong.toml",
    ),
    *("receipts", "receipts --to out", "receipts missing", "statements"),
    *(
        "profiles learn sample.csv --yes",
        "profiles show lexware --text",
        "papers",
        "book reindex",
        "book export whole",
    ),
    "import statement.xml",
)
_LEDGER = """
[organisation.morgenrot-fahrradbau-4711.ledger]
bank = "1800"
clearing = "1370"
"""


def test_every_json_key_is_explained(clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table in docs/commands.md names each key that a command prints with --json, and no other."""
    rows = re.findall(r"^\| (`.+?`) \| (.*) \|$", _sections()["json"], re.MULTILINE)
    named = [(name, re.findall(r"`([\w.]+)`", keys)) for names, keys in rows for name in re.findall("`(.+?)`", names)]
    table = dict(named)
    assert len(table) == len(named), "a command has two rows"
    shell = Shell(tmp_path / "work", tmp_path / "home", clock, monkeypatch)
    with shell.bank():
        shell.run_step(Step(["run", "--new", "--since", "2026-11-01", "--yes"], 0, []))
        for name, text in (
            ("config.toml", _LEDGER),
            ("wrong.toml", "titel = 1"),
            ("sample.csv", "Date;Amount;What\n"),
            ("statement.xml", _statement()),
        ):
            _write_example(Block("", {"file": name}, text), shell)
        shell.trigger("note")
        for words in _JSON_COMMANDS:
            _, output = shell.run_step(Step([*words.split(), "--json"], 0, []))
            value, _ = json.JSONDecoder().raw_decode(output[output.find("{") :])  # errors may follow
            found = {*_keys(value)}
            name = next(name for name in sorted(table, reverse=True) if words.startswith(name))
            # A word is a key, or else stands for the keys of the command that it names.
            known = {key for word in table[name] for key in ([word] if word in found else table.get(word, [word]))}
            assert found <= known <= {*found, *table}, words


def _statement() -> str:
    """Return the statement that docs/import.md shows."""
    found = re.search(r"```xml file=statement.xml\n(.*?)```", _read(ROOT / "docs" / "import.md"), re.DOTALL)
    assert found
    return found[1]


def _keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _keys(inner)


def test_every_exit_code_is_explained() -> None:
    """The table of exit codes has those of errors.py, 0 and 130, and no other."""
    kinds = [kind for _, kind in getmembers(errors, isclass) if issubclass(kind, errors.PrimanotaError)]
    table = {int(code) for code in re.findall(r"^\| (\d+) \|", _read(COMMANDS), re.MULTILINE)}
    assert table == {0, _INTERRUPTED, *(kind.exit_code for kind in kinds)}


def _variables() -> set[str]:
    """Return the names of the environment variables that the settings read."""
    modules = (config, month_packs, oauth_app, token_key)
    tree = ast.parse("\n".join(_read(Path(module.__file__)) for module in modules if module.__file__))
    found = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "_variable":
            found.add(f"PRIMANOTA_{ast.literal_eval(call.args[0])}")
    return {text for text in found if re.fullmatch("PRIMANOTA_[A-Z_]*[A-Z]", text)}


def test_every_variable_is_explained() -> None:
    """docs/commands.md has a line for each environment variable, and no page names an unknown one."""
    variables = _variables()
    assert {"PRIMANOTA_HOME", "PRIMANOTA_SECRET_KEY"} <= variables
    explained = re.findall(r"^\| `(PRIMANOTA_[A-Z_]+)`", _read(COMMANDS), re.MULTILINE)
    assert sorted(explained) == sorted(variables)
    for page in PAGES:
        named = set(re.findall(r"(?<!_)\bPRIMANOTA_[A-Z]+(?:_[A-Z]+)*", _read(page)))
        assert named <= variables, f"{page.name} names {named - variables}"


def test_every_dependency_is_explained() -> None:
    """docs/dependencies.md has a line for each dependency of pyproject.toml, and no other."""
    project = tomllib.loads(_read(ROOT / "pyproject.toml"))
    listed = [*project["project"]["dependencies"], *chain.from_iterable(project["dependency-groups"].values())]
    names = {re.split(r"[^A-Za-z0-9_.-]", one)[0] for one in listed}
    names |= {re.split(r"[^A-Za-z0-9_.-]", one)[0] for one in project["build-system"]["requires"]}
    lines = re.findall(r"^\| `([^`]+)` \|", _read(ROOT / "docs" / "dependencies.md"), re.MULTILINE)
    assert sorted(lines) == sorted(names)


def test_every_format_is_explained() -> None:
    """docs/formats.md has a line in its table and a section for each format."""
    text = _read(ROOT / "docs" / "formats.md")
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == list(FORMATS)
    headings = {word for title in re.findall(r"^## (.+)$", text, re.MULTILINE) for word in re.findall(r"\w+", title)}
    assert headings >= set(FORMATS)


@pytest.mark.parametrize("name", NAMES)
def test_every_link_has_a_target(name: str) -> None:
    """Each relative link names a file of the repository, and a heading of that file if it names one."""
    page = ROOT / name
    for link in _LINK.findall(FENCE.sub("", _read(page))):
        if not link.startswith(("http://", "https://")):
            path, _, heading = link.partition("#")
            target = page.parent / path if path else page
            assert target.exists(), f"{name} links to {link}"
            assert not heading or heading in _headings(target), f"{name} links to {link}"


def _headings(page: Path) -> set[str]:
    return {_anchor(title) for title in re.findall(r"^#+ (.+)$", FENCE.sub("", _read(page)), re.MULTILINE)}


def _anchor(title: str) -> str:
    """Return the fragment of a link to a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize("name", NAMES)
def test_every_make_target_exists(name: str) -> None:
    """Every target of make that a page names is in a Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", _makefiles(), re.MULTILINE))
    for code in _codes(ROOT / name):
        for target in re.findall(r"^(?:\$ )?make ([a-z-]+)", code):
            assert target in targets, f"{name} names make {target}"


def _makefiles() -> str:
    return _read(ROOT / "Makefile") + _read(ROOT / "deploy" / "aws" / "Makefile")


def test_every_make_target_is_explained() -> None:
    """docs/contributing.md names each target of the Makefiles that has a help text."""
    text = _read(ROOT / "docs" / "contributing.md")
    for target in re.findall(r"^([a-z-]+):.*##", _makefiles(), re.MULTILINE):
        assert f"`make {target}`" in text, target


def test_examples_of_settings_and_profiles_are_valid(tmp_path: Path) -> None:
    """Every TOML example, except those of mistakes, is a valid settings file or a valid profile."""
    for page in PAGES:
        for block in blocks(_read(page)):
            if block.words.get("file", "").startswith("wrong"):
                continue
            if block.language == "toml" and "title" in block.text:
                assert profiles.parse("own", block.text, str(page)).title
            elif block.language == "toml":
                (tmp_path / "config.toml").write_text(block.text, encoding="utf-8")
                found = config.load({"PRIMANOTA_HOME": str(tmp_path)})
                assert found.organisations or found.firm.to or found.oauth.client_id
                assert not found.broken


def test_every_field_of_a_transaction_is_explained() -> None:
    """docs/own-profile.md has a line for each field that a column can name, and no other."""
    text = _read(ROOT / "docs" / "own-profile.md").partition("## Fields")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == sorted(FIELDS)


def test_every_page_is_linked_from_the_readme() -> None:
    """README.md links to each page of docs/."""
    linked = set(_LINK.findall(_read(ROOT / "README.md")))
    for page in PAGES:
        if page.parent.name == "docs":
            assert f"docs/{page.name}" in linked, page.name
