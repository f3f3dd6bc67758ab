"""Every mistake of a profile is named with its line and a hint; a text without mistakes is a profile."""

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota import profiles
from primanota.core.errors import InvalidConfiguration
from primanota.profiles.validation import mistakes
from tests.support.factories import quick

RIGHT = """title = "A tool"
format = "csv"
source = "its help"
file = "{profile}_{period}"

[options]
encoding = "cp1252"
delimiter = ";"
quoting = "minimal"
header = true
columns = [
  ["Day", "{booked:%Y-%m-%d}"],
  ["Who", "{counterparty}"], # the other side
  ["Amount", "{amount:,}"],
]
direction = ["in", "out"]

[options.lengths]
Who = 27

[options.banned]
";" = ","

[rules]
required = ["Day", "Who"]
zero = "skip"
max_rows = 1000
"""
_SHEET = """title = "A tool"
format = "xlsx"
source = "its help"
[options]
sheet = "a/b"
total = "Sum"
columns = [
  ["Amount", "{amount}"],
  ["Day", "{booked:%d %B %j}"],
  ["Who", "{payer"],
]
"""


def _named(text: str) -> list[str]:
    """Return each mistake as users see it."""
    return [f"{one.line}: {one.message} {one.hint}".strip() for one in mistakes(text)]


@pytest.mark.parametrize("name", profiles.names())
def test_the_profiles_of_the_program_are_right(name: str) -> None:
    """No profile that comes with the program has a mistake."""
    text = resources.files(profiles.__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    assert mistakes(text) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "A tool"', 'title = "A tool', "1: this is not TOML: "),
        ('"Day", "Who"]', '"Day", "Who"', "26: this is not TOML: "),
        ('title = "A tool"', "", "1: “title” is missing. Write it."),
        ('title = "A tool"', 'titel = "A tool"', "1: there is no key “titel”. Did you mean “title”?"),
        ('source = "its help"', "source = 5", "3: source: expected a text in quotes, got a whole number."),
        ('format = "csv"', 'format = "cvs"', "2: there is no format “cvs”. Did you mean “csv”?"),
        ('format = "csv"', "format = 1", "2: format: expected a text in quotes, got a whole number."),
        ("_{period}", "_{perod}", "4: file: “{perod}” stands for nothing. Did you mean “period”?"),
        (
            "_{period}",
            "_{period:%Y}",
            "4: file: “{period}” has no other forms. Write it like {profile}_{account}_{pe",
        ),
        ("_{period}", "_{period.x}", "4: file: “{period.x}” stands for nothing. Did you mean “period”?"),
        ("_{period}", "_{period", "4: file: its braces do not match. Write it like {profile}_{account}_{period}."),
        ("encoding", "encodng", "7: options: there is no key “encodng”. Did you mean “encoding”?"),
        ("cp1252", "cp125", "7: there is no encoding “cp125”. Did you mean “cp1252”?"),
        (
            '"Amount", "{',
            '"Kwotł", "{',
            "7: cp1252 has no “ł”, which this profile writes. Use utf-8, or another heading.",
        ),
        ('";"\nq', '";;"\nq', "8: the delimiter must be one character, and neither a quote nor a line break."),
        (
            "minimal",
            "most",
            '9: options.quoting: “most” is not a valid value. Known: "minimal", "all", "text", "none".',
        ),
        ("minimal", "none", "9: without quotes, banned must have replacements for the delimiter and for a quote."),
        ("header = true", "header = 1", "10: options.header: expected true or false, got a whole number."),
        ("columns = [", "colums = [", "11: options: there is no key “colums”. Did you mean “columns”?"),
        ("counterparty", "counterpart", "13: column “Who”: there is no field “counterpart”. Did you mean “counterpa"),
        (
            "counterparty}",
            "counterparty",
            "13: column “Who”: the braces in “{counterparty” do not match. Write it li",
        ),
        (
            "booked:%Y",
            "booked:%Q",
            "12: column “Day”: “%Q” is not a directive of a date. Known: %Y, %m, %d, %H, %M, %S, and the others",
        ),
        ("-%d}", "-%}", "12: column “Day”: “%” is not a directive of a date. Known: %Y, "),
        ("{amount:,}", "{amount:;}", "14: column “Amount”: “;” is not a decimal mark. Write {amount} or {amount:,}."),
        ("{amount:,}", "{amount!r}", "14: column “Amount”: “!r” has no meaning here. Leave it out."),
        (
            ', "{amount:,}"',
            "",
            "14: options.columns, 3: expected a list of length 2, got 1. Write a heading and a te",
        ),
        ('"in", "out"', '"in"', "16: options.direction: expected a list of length 2, got 1."),
        ("Who = 27", "Wh = 27", "19: lengths names a column that is not there: “Wh”. Did you mean “Who”?"),
        ("Who = 27", 'Who = "27"', "19: options.lengths.Who: expected a whole number, got a text in quotes."),
        (
            '";" = ","',
            '";;" = ","',
            "22: banned has single characters, each with its replacement. Write the characters of “;;”",
        ),
        ('"Day", "Who"]', '"Day",\n"Whom"]', "26: rules.required names a column that is not there: “Whom”. Did you"),
        ("required", "requires", "25: rules: there is no key “requires”. Did you mean “required”?"),
        ('"skip"', '"drop"', '26: rules.zero: “drop” is not a valid value. Known: "keep", "skip".'),
        ("1000", "-1", "27: rules.max_rows: expected a whole number >= 0."),
        ("[rules]", "[rule]", "24: there is no key “rule”. Did you mean “rules”?"),
    ],
)
def test_a_mistake_is_named(old: str, new: str, said: str) -> None:
    """A mistake is named by its line, in a sentence with a hint, and causes no second one."""
    assert RIGHT.count(old) >= 1
    assert mistakes(RIGHT) == []
    (named,) = _named(RIGHT.replace(old, new, 1))
    assert named.startswith(said)


@pytest.mark.parametrize("form", ["%-d.%-m.%Y", "%j", "%d %b %y, %H:%M", "%F", "100 %%", "on the day"])
def test_a_valid_date_format_is_not_a_mistake(form: str) -> None:
    """Every directive of Python's strftime is allowed in a date format, with its padding and text around it."""
    assert mistakes(RIGHT.replace("%Y-%m-%d", form)) == []


def test_all_mistakes_are_named() -> None:
    """All mistakes are named, in the order of the lines."""
    wrong = (
        RIGHT.replace("title", "titel")
        .replace("cp1252", "cp125")
        .replace("counterparty", "counterpart")
        .replace("amount:,", "amout")
        .replace("Who = 27", "Whom = 27")
        .replace('"skip"', '"drop"')
    )
    assert [int(named.partition(":")[0]) for named in _named(wrong)] == [1, 7, 13, 14, 19, 26]


def test_one_mistake_hides_no_other() -> None:
    """An invalid column and an invalid length do not hide other mistakes."""
    wrong = RIGHT.replace('["Day", "{booked:%Y-%m-%d}"]', '["Day"]').replace("Who = 27", 'Who = "x"\nWhy = 5')
    wrong = wrong.replace("counterparty", "counterpart").replace('"Day", "Who"]', '"Day", "When"]')
    assert [named.partition(". ")[0] for named in _named(wrong)] == [
        "12: options.columns, 1: expected a list of length 2, got 1",
        "13: column “Who”: there is no field “counterpart”",
        "19: options.lengths.Who: expected a whole number, got a text in quotes.",
        "20: lengths names a column that is not there: “Why”",
        "26: rules.required names a column that is not there: “When”",
    ]


def test_mistakes_of_a_sheet() -> None:
    """A workbook's options are checked as a whole, too."""
    assert [named.partition(". ")[0] for named in _named(_SHEET)] == [
        "5: a sheet's name has up to 31 characters, without []:*?/\\'",
        "6: “Sum” stands in the first column, which is an amount",
        "9: column “Day”: a sheet cannot show “%B”",
        "9: column “Day”: a sheet cannot show “%j”",
        "10: column “Who”: the braces in “{payer” do not match",
    ]


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        (
            "beancount",
            'roots = { 1 = "Assets", 2 = "Aktiva" }',
            "5: “Aktiva” for accounts on “2” is not one of Assets",
        ),
        ("datev_ascii", 'bic = "qonto"', "5: “qonto” is not a BIC"),
        ("fec", 'journal_name = " "', "5: the journal must have a name"),
        ("mt940", 'structured = "yes"', "5: options.structured: expected true or false"),
        ("jsonl", "indent = 2", "5: options: there is no key “indent”. Known: none."),
    ],
)
def test_mistakes_of_other_formats(kind: str, options: str, said: str) -> None:
    """A mistake in the options of any format is named with its line."""
    (named,) = _named(f'title = "A tool"\nformat = "{kind}"\nsource = "x"\n[options]\n{options}\n')
    assert named.startswith(said)


def test_fields_of_a_format_may_be_required() -> None:
    """For a format without columns, a rule names what the file shows of a row."""
    text = 'title = "A tool"\nformat = "mt940"\nsource = "x"\n[rules]\nrequired = ["counterparty", "countrparty"]\n'
    assert _named(text) == [
        "5: rules.required names a column that is not there: “countrparty”. Did you mean “counterparty”?"
    ]


def test_the_first_mistake_stops_an_export() -> None:
    """The error names the first mistake, the number of all, and the command that lists them."""
    wrong = RIGHT.replace("cp1252", "cp125").replace("counterparty", "counterpart")
    with pytest.raises(InvalidConfiguration) as refused:
        profiles.parse("mine", wrong, "there/mine.toml")
    assert refused.value.message == "Profile there/mine.toml, line 7: there is no encoding “cp125”."
    assert refused.value.hint == ("Did you mean “cp1252”? There are 2: primanota profiles check there/mine.toml")


@quick
@given(
    place=st.integers(0, len(RIGHT)),
    length=st.integers(0, 12),
    instead=st.one_of(st.sampled_from(["", '"', "{", "]", "5", "true", "\n", "é", "[[", "# "]), st.text(max_size=3)),
)
def test_a_text_without_mistakes_is_a_profile(place: int, length: int, instead: str) -> None:
    """After any change, either a mistake is named, on an existing line, or the text is a profile."""
    text = RIGHT[:place] + instead + RIGHT[place + length :]
    found = mistakes(text)
    assert all(1 <= one.line <= text.count("\n") + 1 for one in found)
    if found:
        with pytest.raises(InvalidConfiguration):
            profiles.parse("mine", text, "mine")
    else:
        assert profiles.parse("mine", text, "mine").text == text
