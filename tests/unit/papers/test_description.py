"""The description of a procedure: the same in each language, true to the program, and no claim of a certificate."""

import re
from collections.abc import Iterator
from datetime import date

import click
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from primanota.cli import primanota
from primanota.core.text import visible
from primanota.papers.description import LANGUAGES, description
from tests.support.files.described import UNUSUAL, described

# What would claim more than a program can know, in each language of the program.
# A certificate of TLS is verified, which is no such claim.
_CLAIMS = re.compile(
    r"zertifizier|GoBD-konform|GoBD-gerecht|konform|revisionssicher|rechtssicher|garantier|unveränderlich"
    r"|certifie[ds]|certifying|complian|conforms to|tamper-?proof|audit-?proof|guarantee|legally"
    r"|certifié|conforme|conformité|inaltérable|garanti",
    re.IGNORECASE,
)


def _shape(text: str) -> Iterator[str]:
    """Yield what a text consists of: headings with their numbers, rows with their cells, items, lines of code."""
    for line in text.splitlines():
        if line.startswith("|"):
            yield "|" * line.count("|")
        elif found := re.match(r"#+ (\d+)?|\d+\. |- \d+|`[^`]*`$", line):
            yield found[0]


@pytest.mark.parametrize("case", UNUSUAL)
def test_each_language_says_the_same(case: str) -> None:
    """Whatever the settings are, each language has the same sections, tables, rows and blanks to be filled in."""
    german, *others = (description(described(**UNUSUAL[case]), language) for language in LANGUAGES)
    shape = [*_shape(german)]
    assert all([*_shape(other)] == shape for other in others)
    assert all(other.count(r"\_" * 20) == german.count(r"\_" * 20) for other in others)
    assert len(shape) > 80


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", UNUSUAL)
def test_no_certificate_is_claimed(case: str, language: str) -> None:
    """Whatever the settings are, no language says that the program or the procedure is certified or compliant."""
    assert not _CLAIMS.findall(description(described(**UNUSUAL[case]), language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_case_has_sentences_of_its_own(language: str) -> None:
    """What is set is said: no two of the cases have the same text."""
    texts = {description(described(**other), language) for other in UNUSUAL.values()}
    assert len(texts) == len(UNUSUAL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_blanks_of_what_is_not_known(language: str) -> None:
    """A blank stands where the program cannot know, and not where it does; none is taken for a line across."""
    usual = description(described(), language)
    known = description(described(**UNUSUAL["people"], **UNUSUAL["a schedule"]), language)
    assert usual.count(r"\_" * 20) == known.count(r"\_" * 20) + 4
    assert "hr" not in {token.type for token in MarkdownIt("commonmark").enable("table").parse(usual)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_named_commands_exist(language: str) -> None:
    """Every command that the description names is one of the program."""
    text = " ".join(description(described(), language).split())
    named = set(re.findall(r"`primanota ([a-z ]+)`", text))
    assert len(named) > 10
    for words in named:
        command: click.Command = primanota
        for word in words.split():
            assert isinstance(command, click.Group), words
            found = command.get_command(click.Context(command), word)
            assert found, words
            command = found


@pytest.mark.parametrize(("country", "sources"), [("DE", ("§ 147", "§ 257 HGB")), ("FR", ("L102 B", "L123-22"))])
@pytest.mark.parametrize("language", LANGUAGES)
def test_periods_of_retention_have_a_source(language: str, country: str, sources: tuple[str, ...]) -> None:
    """Periods are stated with the law for Germany and France; for another country they are a blank."""
    text, other = (description(described(country=one), language) for one in (country, "IT"))
    assert all(source in text.replace("\u00a0", " ") for source in sources)
    assert not any(source in other for source in ("§ 147", "L102", "L123"))


_NAMES = st.text(st.characters(codec="utf-8"), max_size=40)


@settings(max_examples=30)
@given(_NAMES, st.sampled_from(LANGUAGES))
@example("<!-- contents -->", "de")
def test_any_name_stays_a_text(name: str, language: str) -> None:
    """No name of a company, an account or a file becomes a heading, a cell, a link or code; nothing is lost of it."""
    usual = described(store="/")
    account = usual.accounts[0]._replace(name=f"Konto {name}")
    hostile = usual._replace(company=f"A {name}", address=name, accounts=(account,), store=f"/{name}")
    reader = MarkdownIt("commonmark").enable("table")
    tokens = reader.parse(description(hostile, language))
    assert [one.type for one in tokens] == [one.type for one in reader.parse(description(usual, language))]
    shown = [_shown(one.children or ()) for one in tokens if one.type == "inline"]
    assert visible(" ".join(f"Konto {name}".split())) in shown


def _shown(children: object) -> str:
    return "".join(one.content for one in children)  # type: ignore[attr-defined]


def test_a_day_that_is_not_known_is_a_dash() -> None:
    """An account without rows has dashes for its days."""
    empty = described().accounts[0]._replace(rows=0, first=None, last=None, until=None)
    text = description(described(accounts=(empty,)), "de")
    assert "| 0 | \u2013 | proven | \u2013 |" in text
    assert f"{date(2026, 11, 23):%d.%m.%Y}" in text
