"""Every profile keeps the rules of its tool, and a mistake in a profile is named before anything is written."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota import profiles
from primanota.core.errors import FormatRuleViolated, InvalidConfiguration, InvalidInput
from primanota.core.model import Money, Statement, Transaction
from primanota.formats import load as load_format
from primanota.profiles import Profile
from tests.support.factories import MORNING, quick, statement, transaction
from tests.support.files.national_statements import statement_of
from tests.support.files.profile_inputs import country_of, given_to

PAGE = Path(__file__).parents[3] / "docs" / "profiles.md"
PLAIN = """
title = "A tool"
format = "csv"
source = "its help"

[options]
columns = [["Day", "{booked:%Y-%m-%d}"], ["Who", "{counterparty}"], ["Amount", "{amount}"]]

[rules]
required = ["Day", "Who"]
"""
# Values that are hard for tools: empty and long texts, formulas, line breaks, zero.
AWKWARD = [
    transaction(),
    transaction(counterparty="", purpose="", details="", note="", reference="", member=""),
    transaction(counterparty=" \n\t ", purpose="\u200b", details="\x00"),
    transaction(counterparty="=cmd|' /C calc'!A0", purpose="+49 30 123456", details="-12.50 USD, @home"),
    transaction(counterparty='"', purpose=';,|\t"', details="a\r\nb\u2028c"),
    transaction(counterparty="Łódź 東京 🧾", purpose="x" * 500),
    transaction(amount=Money(0), counterparty_account=""),
    transaction(amount=Money(10**11)),
]
_TEXTS = st.text(max_size=12)
_DEMANDING = [name for name in profiles.names() if profiles.load(name).rules.required]


@pytest.fixture(params=profiles.names())
def profile(request: pytest.FixtureRequest) -> Profile:
    """Return each profile of the program."""
    return profiles.load(str(request.param))


def _statement(profile: Profile, rows: list[Transaction]) -> Statement:
    return given_to(profile, statement_of(rows, country_of(profile)))


def _written(profile: Profile, rows: list[Transaction]) -> bytes:
    return b"".join(profile.render(_statement(profile, rows)))


def _taken(profile: Profile, rows: list[Transaction]) -> list[Transaction]:
    """Return the rows that the tool accepts."""
    return list(_statement(profile, rows).rows)


def _required(profile: Profile, rows: list[Transaction]) -> list[str]:
    """Return the cells that the tool requires, of the last rows of the file: those of the transactions."""
    taken = len(_taken(profile, rows))
    cells = list(profile.rows(_statement(profile, rows)))
    places = [profile.headings.index(heading) for heading in profile.rules.required]
    return [row[place] for row in cells[len(cells) - taken :] for place in places]


def test_there_are_profiles() -> None:
    """The program has the profile of Lexware Office, and finds profiles by name."""
    assert "lexware" in profiles.names()
    assert profiles.names() == sorted(set(profiles.names()))


def test_a_profile_has_its_metadata(profile: Profile) -> None:
    """A profile names its tool, its countries and the source of its rules; its digest is that of its text."""
    assert profile.title
    assert profile.source
    assert re.fullmatch("all|[A-Z]{2}( [A-Z]{2})*", profile.country)
    assert profile.suffix == tomllib.loads(profile.text).get("suffix", load_format(profile.format).suffix)
    assert profile.digest == hashlib.sha256(profile.text.encode()).hexdigest()


def test_a_profile_writes_every_row(profile: Profile) -> None:
    """Every row is in the file, for any rows, and another row makes another file."""
    rows = _taken(profile, AWKWARD)
    assert len(list(profile.rows(_statement(profile, rows)))) >= len(rows)
    files = {_written(profile, rows[:count]) for count in range(len(rows) + 1)}
    assert len(files) == len(rows) + 1


def test_files_never_have_the_same_name(profile: Profile) -> None:
    """Exports of two accounts, or of two months, are two files: the name has account and period, or the part."""
    fields = set(re.findall("{[a-z_]+}", profile.file))
    assert {"{account}", "{period}"} <= fields or "{part}" in fields


def test_a_profile_keeps_its_rules(profile: Profile) -> None:
    """No required cell is empty, for any missing values."""
    assert all(cell.strip() for cell in _required(profile, AWKWARD))


@pytest.mark.parametrize("name", _DEMANDING)
@quick
@given(texts=st.tuples(_TEXTS, _TEXTS, _TEXTS), cents=st.integers(-(10**9), 10**9))
def test_a_profile_keeps_its_rules_for_any_text(name: str, texts: tuple[str, str, str], cents: int) -> None:
    """No text and no amount make a row that its tool would drop."""
    profile = profiles.load(name)
    counterparty, purpose, details = texts
    row = transaction(counterparty=counterparty, purpose=purpose, details=details, amount=Money(cents))
    assert all(cell.strip() for cell in _required(profile, [row]))


def test_a_profile_is_always_the_same(profile: Profile) -> None:
    """The same rows give the same bytes."""
    assert _written(profile, AWKWARD) == _written(profiles.load(profile.name), list(AWKWARD))


def test_the_page_of_profiles_has_them_all(request: pytest.FixtureRequest) -> None:
    """docs/profiles.md has a table of the profiles; ``--update-goldens`` writes it, and the number in README.md."""
    text = PAGE.read_text(encoding="utf-8")
    table = re.compile(r"(?<=\| profile \| tool and file \|).*?(?=\n\n)", re.DOTALL)
    told = " countries | format | verified by |\n|---|---|---|---|---|" + "".join(
        f"\n| `{one.name}` | {one.title} | {one.country} | {one.format} | {one.verified} |"
        for one in map(profiles.load, profiles.names())
    )
    if request.config.getoption("--update-goldens"):
        PAGE.write_text(table.sub(lambda _: told, text, count=1), encoding="utf-8")
        readme = PAGE.parents[1] / "README.md"
        number = f"[{len(profiles.names())} profiles](docs/profiles.md) in all"
        text = re.sub(r"\[\d+ profiles\]\(docs/profiles\.md\) in all", number, readme.read_text(encoding="utf-8"))
        readme.write_text(text, encoding="utf-8")
    assert table.search(PAGE.read_text(encoding="utf-8"))[0] == told  # type: ignore[index]


def test_the_lexware_file_to_the_byte() -> None:
    """The file of Lexware Office has its columns, local time, a minus for money out, and no empty cell."""
    row = transaction(counterparty="=Müller, GmbH", details="")
    assert _written(profiles.load("lexware"), [row]).decode() == (
        "Buchungsdatum,Auftraggeber/Empfänger,Verwendungszweck,Betrag,Zusatzinfo\r\n"
        '2026-10-05 08:30:00,"\'=Müller, GmbH",Invoice 7,-1234.50,_\r\n'
    )


def test_an_unknown_profile_is_refused_with_the_nearest_name() -> None:
    """A misspelt profile is refused, and the most similar one is named."""
    with pytest.raises(InvalidInput, match=r"There is no profile “lexwear”\. Did you mean “lexware”\?"):
        profiles.load("lexwear")


def test_a_profile_may_be_a_file(tmp_path: Path) -> None:
    """A TOML file is a profile, named after the file."""
    path = tmp_path / "mine.toml"
    path.write_text(PLAIN, encoding="utf-8")
    mine = profiles.load(str(path))
    assert (mine.name, mine.title, mine.suffix) == ("mine", "A tool", ".csv")
    assert _written(mine, [transaction()]) == "Day,Who,Amount\r\n2026-10-05,Müller GmbH,-1234.50\r\n".encode()


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    """A profile that does not exist, or is not a text, is refused by its path."""
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"mine\.toml cannot be read"):
        profiles.load(str(path))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "A tool"', 'title = "A tool', "line 2"),
        ('title = "A tool"', "", "line 1: “title” is missing"),
        ('source = "its help"', "", "“source” is missing"),
        ('source = "its help"', "source = 5", "line 4: source: expected a text in quotes, got a whole number"),
        ('title = "A tool"', 'titel = "A tool"', "line 2: there is no key “titel”"),
        ('format = "csv"', 'format = "cvs"', "line 3: there is no format “cvs”"),
        ("[options]", '[options]\nseperator = ";"', "line 7: options: there is no key “seperator”"),
        ("[options]", '[options]\nencoding = "utf-9"', "there is no encoding “utf-9”"),
        ("[options]", '[options]\ndelimiter = ", "', "the delimiter must be one character"),
        ("{counterparty}", "{counterpart}", "column “Who”: there is no field “counterpart”"),
        ("{counterparty}", "{counterparty", "column “Who”"),
        ('["Day", "Who"]', '["Day", "Whom"]', "rules.required names a column that is not there: “Whom”"),
        ("required", "requires", "rules: there is no key “requires”"),
    ],
)
def test_a_mistake_in_a_profile_is_named(old: str, new: str, said: str) -> None:
    """A profile with a mistake is refused when it is read; the error names the file and the field or line."""
    assert old in PLAIN
    with pytest.raises(InvalidConfiguration) as refused:
        profiles.parse("mine", PLAIN.replace(old, new), "there/mine.toml")
    assert said in refused.value.message
    assert "there/mine.toml" in refused.value.message
    assert refused.value.exit_code == 3


@pytest.mark.parametrize(("header", "line"), [("true", 4), ("false", 3)])
def test_an_empty_cell_stops_the_file(header: str, line: int) -> None:
    """A row that the tool would drop stops the file, and the error names its line and column."""
    mine = profiles.parse("mine", PLAIN.replace("[options]", f"[options]\nheader = {header}"), "mine")
    rows = [transaction(), transaction(), transaction(counterparty=" \n"), transaction()]
    with pytest.raises(FormatRuleViolated, match=rf"Line {line}, “Who”: this cell must not be empty"):
        _written(mine, rows)


def test_an_empty_cell_is_found_in_any_piece() -> None:
    """The line is right in long files, too."""
    mine = profiles.parse("mine", PLAIN, "mine")
    rows = [transaction() for _ in range(1100)]
    rows[1000] = transaction(booked=None)
    with pytest.raises(FormatRuleViolated, match=r"Line 1002, “Day”: "):
        _written(mine, rows)


def test_no_piece_is_returned_unchecked() -> None:
    """The piece with the invalid row is not returned."""
    mine = profiles.parse("mine", PLAIN.replace("[options]", "[options]\nheader = false"), "mine")
    with pytest.raises(FormatRuleViolated):
        next(mine.render(statement([transaction(), transaction(counterparty="")])))


def test_a_bank_without_balances_suits_all_but_one(profile: Profile) -> None:
    """A row without a running balance stops only a file that requires it, and the error names its line."""
    rows = [transaction(), transaction(balance=None)]
    if profile.name == "holded":
        with pytest.raises(FormatRuleViolated, match=r"Line 3, “Balance”: this cell must not be empty"):
            _written(profile, rows)
    else:
        assert _written(profile, rows)


def test_an_optional_cell_may_be_empty() -> None:
    """A cell that the tool does not require may be empty."""
    columns = PLAIN.replace('["Amount", "{amount}"]', '["Note", "{note}"]')
    assert _written(profiles.parse("mine", columns, "mine"), [transaction(note="")]).endswith(b",\r\n")


def test_cells_are_what_is_in_the_file() -> None:
    """A preview shows the cells of the file itself, headings first."""
    mine = profiles.parse("mine", PLAIN, "mine")
    rows = list(mine.rows(statement([transaction()])))
    assert rows == [["Day", "Who", "Amount"], [f"{MORNING:%Y-%m-%d}", "Müller GmbH", "-1234.50"]]
