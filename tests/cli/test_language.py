"""The terminal speaks the language of its reader; programs read the same in every language."""

import re
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest

from primanota.core.language.catalogue import LANGUAGES
from primanota.simulator import Simulator
from tests.support import environment
from tests.support.banks.simulator_server import served, variables_of
from tests.support.clock import Clock
from tests.support.screens.command_line import Terminal
from tests.support.screens.pseudo_terminal import PROGRAM, converse

_Path = tuple[str, ...]
_OTHERS = [one for one in LANGUAGES if one != "en"]
_PARTS = ("bookkeeping", "tables", "weekly", "batches", "upkeep", "schedule", "review")
_READING = (
    ("sync",),
    ("status",),
    ("review",),
    ("review", "--accepted"),
    ("list", "--period", "2026-10"),
    ("batches",),
    ("batches", "show", "1"),
    ("check",),
    ("export", "lexware", "--new"),
    ("export", "lexware", "--changed"),
    ("export", "lexware", "--period", "2026-10", "--dry-run"),
    ("rules", "test", "--period", "2026-10"),
    ("book", "waiting"),
)
_CHANGING = (
    ("batches", "undo", "1", "--yes"),
    ("batches", "redo", "1"),
    ("batches", "imported", "1"),
    ("batches", "imported", "1", "--undo"),
    ("batches", "again", "1"),
)


@pytest.fixture
def company(terminal: Callable[..., Terminal]) -> Terminal:
    """Return a command line with a book of a company that was exported once."""
    made = terminal()
    made.home.mkdir(parents=True, exist_ok=True)
    ledger = f'[organisation.{made.simulator.login}.ledger]\nbank = "1800"\nclearing = "1370"\n'
    (made.home / "config.toml").write_text(ledger, encoding="utf-8")
    assert made.run("run", "lexware", "--new", "--since", "2026-10-01").code == 0
    return made


def _leaves(value: Any, path: _Path = ()) -> Iterator[tuple[_Path, str]]:  # noqa: ANN401 - TOML
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    elif isinstance(value, str):
        yield path, value


def _texts(language: str) -> dict[_Path, str]:
    folder = files("primanota.core.language") / "texts" / language
    return {
        (part, *path): text
        for part in _PARTS
        for path, text in _leaves(msgspec.toml.decode((folder / f"{part}.toml").read_bytes()))
    }


def _english_in(out: str, language: str) -> list[str]:
    """Return the lines and the cells of an output that are a text in English, and none of the language."""
    own, english = _texts(language), _texts("en")
    foreign = [_pattern(text) for path, text in english.items() if own[path] != text and _has_words(text)]
    mine = [_pattern(text) for text in own.values()]
    pieces = {piece for line in out.splitlines() for piece in (line, *re.split(" {2,}", line.strip()))}
    return sorted(
        piece
        for piece in pieces
        if any(one.fullmatch(piece) for one in foreign) and not any(one.fullmatch(piece) for one in mine)
    )


def _pattern(text: str) -> re.Pattern[str]:
    """Return the pattern of a text with placeholders."""
    pieces = re.split(r"(\{\w*\})", text)
    return re.compile("".join(".+" if piece.startswith("{") else re.escape(piece) for piece in pieces))


def _has_words(text: str) -> bool:
    """Return whether a text is more than placeholders with signs between them."""
    return bool(re.search(r"[a-z]{2}", re.sub(r"\{\w*\}", "", text)))


@pytest.mark.parametrize("language", _OTHERS)
def test_no_english_is_left(company: Terminal, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """What the commands of a week print is in the language alone: headings, words in cells, sentences."""
    monkeypatch.setenv("PRIMANOTA_LANGUAGE", language)
    for words in (*_READING, *_CHANGING, ("run", "lexware", "--new")):
        result = company.run(*words)
        assert (result.code, _english_in(result.out, language)) == (0, []), (words, result)
        assert result.out


@pytest.mark.parametrize("language", _OTHERS)
def test_headings_are_those_of_the_language(
    company: Terminal, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """The first line of a table has the language's headings, also in a pipe, with days and amounts as ever."""
    monkeypatch.setenv("PRIMANOTA_LANGUAGE", language)
    own = _texts(language)
    for words, names in (
        (("batches",), ("batch", "when", "profile", "account", "selection", "rows", "money_in", "money_out")),
        (("sync",), ("account",)),
        (("list", "--period", "2026-10"), ("day", "account", "status", "counterparty", "amount", "currency")),
        (("status",), ("account",)),
    ):
        out = company.run(*words).out
        heading = re.split(" {2,}", out.splitlines()[0])
        assert heading[: len(names)] == [own["tables", "heading", name] for name in names]
    listed = company.run("list", "--period", "2026-10").out.splitlines()[1]
    assert re.match(r"2026-10-\d\d  .*  -?\d+\.\d\d  EUR  ", listed)


def test_programs_read_the_same_in_every_language(company: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--json``, ``--csv`` and errors are the same whatever the language."""
    seen = []
    for language in LANGUAGES:
        monkeypatch.setenv("PRIMANOTA_LANGUAGE", language)
        documents = [
            company.run(*words, "--json")
            for words in (
                ("status",),
                ("list", "--period", "2026-10"),
                ("batches",),
                ("batches", "show", "1"),
                ("check",),
            )
        ]
        refused = [company.run("batches", "show", "99"), company.run("run", "--new", "--period", "2026")]
        seen.append((documents, company.run("list", "--period", "2026-10", "--csv").out, refused))
    assert all(one == seen[0] for one in seen)
    assert seen[0][2][0].err.startswith("Error: ")


_BEGIN = {"de": "beginnen?", "fr": "Commencer --new", "it": "Iniziare --new", "es": "¿Empezar --new"}
_FIRST = {"de": "Erster Tag [01.11.2026]", "fr": "Premier jour [01/11/2026]"}


@pytest.mark.parametrize(("language", "yes"), [("de", "j"), ("fr", "o"), ("it", "s"), ("es", "sí"), ("fr", "y")])
def test_questions_are_answered_in_the_language(tmp_path: Path, clock: Clock, language: str, yes: str) -> None:
    """Questions and their answers are in the language; “y” is a yes in each; another word is asked again."""
    days = _texts_of_prompts(language)
    with Simulator(size=120, clock=clock) as simulator, served(simulator) as url:
        variables = variables_of(simulator, url, tmp_path) | {"PRIMANOTA_LANGUAGE": language}
        answers = [
            (_FIRST.get(language, days["first"]), "1.11.2026"),
            (_BEGIN[language], "x"),
            (_BEGIN[language], yes),
        ]
        done = converse(["run", "--new"], answers, variables)
        again = converse(["run"], [(days["first"], ""), (f"[{days['today']}]", "")], variables)
    assert (done.code, again.code) == (0, 0), (done, again)
    assert "y/N" not in done.shown


def _texts_of_prompts(language: str) -> dict[str, str]:
    content = (files("primanota.core.language") / "texts" / language / "prompts.toml").read_bytes()
    found: dict[str, str] = msgspec.toml.decode(content)["day"]
    return found


@pytest.mark.parametrize(("language", "day"), [("de", "31.10.2026 18:00"), ("fr", "31/10/2026 18:00")])
def test_no_word_is_broken_at_any_width(tmp_path: Path, language: str, day: str) -> None:
    """In a narrow terminal the tables have the same whole words as in a wide one; days are written as in letters."""
    place = ["--book", str(tmp_path / "demo" / "demo.book")]
    variables = environment.plain(PRIMANOTA_HOME=str(tmp_path), PRIMANOTA_LANGUAGE=language, NO_COLOR="1")
    variables |= {"PRIMANOTA_LOGIN": "morgenrot-fahrradbau-4711"}
    demo = converse(["demo", "--to", str(tmp_path / "demo")], [], variables | {"TTY_INTERACTIVE": "0"}, whole=True)
    assert demo.code == 0, demo
    shown = {
        width: converse(["batches", *place], [], variables | {"COLUMNS": str(width)}, whole=True).shown
        for width in (60, 80, 120, 400)
    }
    words = {width: {*text.replace("─", "").split()} for width, text in shown.items()}
    assert words[60] == words[80] == words[120] == words[400]
    assert day in shown[400]


def test_the_currency_is_shown_once(tmp_path: Path, clock: Clock) -> None:
    """In a terminal the currency stands beside the amount alone; behind a pipe it has a column of its own."""
    with Simulator(size=120, clock=clock) as simulator, served(simulator) as url:
        variables = variables_of(simulator, url, tmp_path) | {"COLUMNS": "200"}
        assert converse(["sync"], [], variables).code == 0
        seen = converse(["list"], [], variables, whole=True)
        piped = converse(["list"], [], variables)
    assert (seen.code, "Currency" in seen.shown, "€" in seen.shown) == (0, False, True)
    assert ("Currency" in piped.out, bool(re.search(r"€\d", piped.out))) == (True, False)


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["batches", "--help"]])
def test_help_loads_no_text(words: list[str]) -> None:
    """The version and the help read no part of the catalogue, so that they start fast."""
    code = (
        "import sys, msgspec; from primanota.cli import main; read = [];"
        "msgspec.toml.decode = lambda text, **_: read.append(text);"
        "main(sys.argv[1:]); print(len(read))"
    )
    done = environment.run([sys.executable, "-c", code, *words], environment.plain(PRIMANOTA_LANGUAGE="de"))
    assert (done.returncode, done.stdout.splitlines()[-1], done.stderr) == (0, "0", "")


def test_a_terminal_without_the_letters(tmp_path: Path) -> None:
    """A language whose letters stdout lacks is shown with question marks, without an error."""
    variables = environment.plain(PRIMANOTA_LANGUAGE="fr", PYTHONIOENCODING="ascii", PRIMANOTA_HOME=str(tmp_path))
    done = environment.run([*PROGRAM, "demo", "--to", str(tmp_path / "demo")], variables)
    assert (done.returncode, "Traceback" in done.stderr, done.stdout.isascii()) == (0, False, True)
