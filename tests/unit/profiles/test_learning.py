"""A profile is learnt from a file that the accounting tool accepts; what the file does not show is asked."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota import profiles
from primanota.core.errors import InvalidInput
from primanota.formats.templates import names_in
from primanota.formats.writers import csv
from primanota.profiles.learning import Guess, learn, profile_text
from primanota.profiles.validation import mistakes
from tests.support.factories import quick
from tests.support.files import statements

# The options that a file shows with certainty. Of text columns, only the heading can tell the field.
KNOWABLE = {
    *("booked", "amount", "unsigned", "money_in", "money_out", "direction", "balance", "currency", "iban"),
}
TOOLS = [name for name in profiles.names() if profiles.load(name).format == "csv"]
ROWS = "Datum;Name;Zweck;Betrag\r\n01.03.2026;Müller;Rechnung 7;-12,50\r\n14.03.2026;Größler;Rechnung 8;3,00\r\n"


def _learnt(guess: Guess) -> csv.Options:
    """Return the options of the profile that a guess makes, as its user gets them."""
    found = profiles.parse("learnt", profile_text(guess, "A tool", "a sample"), "learnt").options
    assert isinstance(found, csv.Options)
    return found


def _templates(data: bytes | str, answers: dict[str, str] | None = None) -> list[str]:
    guess = learn(data.encode() if isinstance(data, str) else data, answers)
    return [template for _, template in guess.options.columns]


def _questions(data: bytes | str, answers: dict[str, str] | None = None) -> dict[str, list[str]]:
    guess = learn(data.encode() if isinstance(data, str) else data, answers)
    return {question.topic: [answer.value for answer in question.answers] for question in guess.questions}


def _is_knowable(template: str) -> bool:
    return bool(names_in(template)) and names_in(template) <= KNOWABLE


def _relearnt(options: csv.Options) -> None:
    """Learn from what these options write of the invented company, and compare what is learnt with them.

    The same bytes come out of both, when the learnt profile has the other's templates in columns of texts, and its
    rules for texts that do not fit: encoding, delimiter, quotes, line ends, headings, fillers, the guard against
    formulas, all days, amounts, balances, currencies and own IBANs are what was learnt.
    """
    statement = statements.invented_company()
    data = b"".join(csv.render(statement, options))
    guess = learn(data)
    # Of two digits each, days may be years. What is the same in every row is asked, and its likely answer is right.
    knowable = {
        f"Column {number}" for number, (_, template) in enumerate(options.columns, 1) if _is_knowable(template)
    }
    for question in guess.questions:
        is_text = question.topic.startswith("Column") and question.topic not in knowable
        assert is_text or "%y" in question.answers[0].value or "has the same" in question.text
    learnt = _learnt(guess)
    if options.header:
        assert learnt.headings == options.headings
    columns = [
        (heading, ours if _is_knowable(theirs) else theirs)
        for (heading, theirs), (_, ours) in zip(options.columns, learnt.columns, strict=True)
    ]
    same = {name: getattr(options, name) for name in ("lengths", "banned", "formula_guard")}
    mixed = msgspec.structs.replace(learnt, columns=columns, **same)
    assert b"".join(csv.render(statements.invented_company(), mixed)) == data


@pytest.mark.parametrize("name", TOOLS)
def test_a_profile_is_learnt_from_its_own_file(name: str) -> None:
    """From a file of a profile of the program, a profile is learnt that writes the same, except for texts."""
    _relearnt(profiles.load(name).options)


@st.composite
def _options(draw: st.DrawFn) -> csv.Options:
    """Return a dialect and an order of columns that an accounting tool may have."""
    mark = draw(st.sampled_from(["", ":,"]))
    day = draw(st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%y", "%Y%m%d", "%d %b %Y"]))
    time = draw(st.sampled_from(["", " %H:%M", " %H:%M:%S"]))
    money = draw(
        st.sampled_from(
            [
                [("Amount", "{amount}")],
                [("Amount", "{amount}"), ("Balance", "{balance}")],
                [("Paid in", "{money_in}"), ("Paid out", "{money_out}"), ("Balance", "{balance}")],
                [("Sense", "{direction}"), ("Amount", "{unsigned}")],
            ]
        )
    )
    texts = [("Purpose", "{purpose}"), ("IBAN", "{iban}"), ("Currency", "{currency}")]
    chosen = [("Name", "{counterparty}"), *draw(st.lists(st.sampled_from(texts), unique=True))]
    written = [(heading, template.replace("}", f"{mark}}}")) for heading, template in money]
    columns = draw(st.permutations([("Date", f"{{booked:{day}{time}}}"), *written, *chosen]))
    return csv.Options(
        columns=[(heading, template.replace("direction:,", "direction")) for heading, template in columns],
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1"])),
        delimiter=draw(st.sampled_from([",", ";", "\t", "|"])),
        quoting=draw(st.sampled_from(["minimal", "all"])),
        newline=draw(st.sampled_from(["\n", "\r\n"])),
        header=True,
        empty=draw(st.sampled_from(["", "", "_", "n/a"])),
        formula_guard=draw(st.sampled_from(["", "'"])),
        direction=draw(st.sampled_from([("in", "out"), ("C", "D"), ("Haben", "Soll"), ("+", "-")])),
    )


@quick
@given(options=_options())
def test_any_dialect_is_learnt(options: csv.Options) -> None:
    """For any dialect and order of columns, a profile is learnt that writes the same file."""
    _relearnt(options)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (ROWS.encode(), "utf-8"),
        (ROWS.encode("utf-8-sig"), "utf-8-sig"),
        (ROWS.encode("utf-16"), "utf-16"),
        (ROWS.encode("utf-16-be"), "utf-16-be"),
        (ROWS.encode("latin-1"), "latin-1"),
        (ROWS.replace("Rechnung", "5 € \u2013").encode("cp1252"), "cp1252"),
    ],
)
def test_the_encoding_is_seen(data: bytes, encoding: str) -> None:
    """If non-ASCII letters show the encoding, no question is asked."""
    guess = learn(data)
    assert (guess.options.encoding, guess.questions) == (encoding, [])


@pytest.mark.parametrize(
    ("text", "encoding"), [("Bartłomiej", "cp1250"), ("Größe Müller", "cp850"), ("Größe Müller", "mac-roman")]
)
def test_a_rare_encoding_is_asked_for(text: str, encoding: str) -> None:
    """If letters can be read in several encodings, the one that gives words is the best guess."""
    data = f"Datum;Text;Betrag\r\n01.03.2026;{text};-1,50\r\n14.03.2026;x;2,00\r\n".encode(encoding)
    assert next(iter(_questions(data)["Encoding"])) == encoding
    assert learn(data, {"Encoding": encoding}).questions == []


def test_ascii_may_be_anything() -> None:
    """A sample with ASCII letters only does not show how the tool reads others, so the encoding is asked."""
    data = ROWS.replace("ü", "ue").replace("öß", "oess")
    assert _questions(data) == {"Encoding": ["utf-8", "utf-8-sig", "cp1252", "latin-1"]}
    assert learn(data.encode(), {"Encoding": "cp1252"}).options.encoding == "cp1252"
    (question,) = learn(data.encode()).questions
    assert question.read("cp437") == "cp437"
    for wrong in ("utf-9", "utf-16", "base64"):
        with pytest.raises(ValueError, match=f"not in an encoding “{wrong}”"):
            question.read(wrong)


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("text", ["a;b", "a,b", "a, b; c|d\te", "„“"])
def test_the_delimiter_is_seen(delimiter: str, text: str) -> None:
    """The delimiter is the character that gives each line the same number of cells, for any texts in them."""
    rows = [["2026-01-05", text, "-12.50"], ["2026-01-14", "ü", "7.00"]]
    data = "".join(delimiter.join(f'"{cell}"' for cell in row) + "\n" for row in rows)
    guess = learn(data.encode())
    assert (guess.options.delimiter, guess.options.quoting, guess.options.newline) == (delimiter, "all", "\n")


def test_a_decimal_comma_is_not_a_delimiter() -> None:
    """If each line has a comma in its amount and a semicolon between its cells, the semicolon wins."""
    assert learn("2026-01-05;ü;1,50\n2026-01-06;ö;-2,25\n".encode()).options.delimiter == ";"


def test_a_delimiter_that_could_be_two_is_asked_for() -> None:
    """Headings that two delimiters split equally well lead to a question."""
    assert _questions("Datum;Betrag,Text")["Delimiter"] == [";", ","]
    assert learn(b"Datum;Betrag,Text", {"Delimiter": ","}).options.headings == ["Datum;Betrag", "Text"]


@pytest.mark.parametrize("filler", ["_", "-", "n/a", "NOTPROVIDED"])
def test_a_filler_is_seen(filler: str) -> None:
    """A filler is recognised if no cell is empty."""
    data = f"Date,Name,Memo,Amount\n2026-03-01,{filler},ü,-1.50\n2026-03-02,x,{filler},2.50\n"
    assert learn(data.encode()).options.empty == filler
    assert learn(f"{data}2026-03-02,,x,2.50\n".encode()).options.empty == ""


@pytest.mark.parametrize("text", ["'=ü", "'ü", "=ü", "ü"])
def test_a_learnt_profile_guards_texts(text: str) -> None:
    """A learnt profile puts an apostrophe before texts that would be formulas, whether the sample does or not."""
    assert learn(f"Date,Name,Amount\n2026-03-01,{text},-1.50\n".encode()).options.formula_guard == "'"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"\xef\xbb\xbf", "one column"),
        (b"PK\x03\x04...", "a workbook or an archive"),
        (b"%PDF-1.7", "a PDF"),
        (b"a;b\0c", "not a text"),
        (bytes(range(1, 32)) * 9, "not a text"),
        (b"just a line\nand another\n", "one column"),
    ],
)
def test_a_file_that_is_not_a_table_is_refused(data: bytes, said: str) -> None:
    """A file from which a profile cannot be learnt is refused with a sentence and a hint."""
    with pytest.raises(InvalidInput, match=said) as refused:
        learn(data)
    assert refused.value.hint


def test_a_wrong_encoding_is_refused() -> None:
    """An answered encoding that does not fit the sample is refused."""
    with pytest.raises(InvalidInput, match="not in ascii"):
        learn("Date;Näme".encode("cp850"), {"Encoding": "ascii"})


def test_without_a_day_or_an_amount() -> None:
    """Without a recognised day or amount there is no guess, and both are asked."""
    questions = _questions("foo,bär\nbaz,qux\n")
    assert (questions["Day"], questions["Amount"]) == ([], [])
    (day, amount, *_) = learn("foo,bär,x\nbaz,qux,y\n".encode()).questions
    assert (day.read("2"), day.read("bär"), amount.read("1")) == ("2", "2", "1")
    with pytest.raises(ValueError, match="Column 1, “foo”"):
        day.read("4")
    with pytest.raises(InvalidInput, match="Which column has the amount"):
        learn(b"2026-01-05,2026-01-06\n")
    unread = _questions("Date,Amount,Näme\n2026-01-05T09:12:44.000Z,-1.50,foo\n")
    assert unread == {"Days": []}


def test_a_form_of_days_is_read() -> None:
    """An answered date format must be one that days can have."""
    (question,) = learn("Date,Amount,Näme\nthe 5th,-1.50,foo\n".encode()).questions
    assert question.read("%d-%m-%Y") == "%d-%m-%Y"
    with pytest.raises(ValueError, match=r"Write it like %d\.%m\.%Y"):
        question.read("dd-mm")


def test_a_long_sample() -> None:
    """The beginning of a long file is enough; it ends with a whole line."""
    data = "Date;Name;Amount\n" + f"2026-03-01;{'Zoë Łukasik ' * 25};-1,50\n" * 6_000
    guess = learn(data.encode())
    assert guess.notes == []
    assert guess.options.columns[2] == ("Amount", "{amount:,}")


def test_the_text_of_a_profile() -> None:
    """The text of a profile is aligned, names what is not sure, and shows a cell of the sample for each column."""
    data = 'Datum;Buchungstext;Af"x;Betrag\n01.02.2026;Müller;#a;1.000,50\n'
    guess = learn(data.encode())
    assert profile_text(guess, "A “tool”", "a sample").splitlines() == [
        "# The sample quotes some cells and not others; the profile quotes the cells that need them.",
        "# The sample has only one row, which does not show what is the same in every row.",
        "# Amounts of the sample have marks between thousands; the profile writes them without.",
        '# Not sure: sign, "minus". It may be "none".',
        '# Not sure: column 3, "-". It may be "counterparty" or "reference" or "details".',
        'title  = "A “tool”"',
        'format = "csv"',
        'source = "a sample"',
        "",
        "[options]",
        'encoding      = "utf-8"',
        'delimiter     = ";"',
        'newline       = "\\n"',
        'formula_guard = "\'" # stands before texts that a spreadsheet would take for formulas',
        "columns = [",
        '  ["Datum",        "{booked:%d.%m.%Y}"], # “01.02.2026” in the sample',
        '  ["Buchungstext", "{counterparty} {purpose} {details}"], # “Müller” in the sample',
        '  ["Af\\"x",        ""], # “#a” in the sample',
        '  ["Betrag",       "{amount:,}"], # “1.000,50” in the sample',
        "]",
        "",
        "[rules]",
        'required = ["Datum", "Betrag"] # a row that lacks one of these stops the file',
        'currency = "EUR" # the file does not name it, so accounts in other currencies are refused',
    ]


def _try(data: bytes) -> None:
    """Learn without answers, and read what was learnt."""
    try:
        guess = learn(data)
    except InvalidInput:
        return
    if all(question.answers for question in guess.questions):
        assert mistakes(profile_text(guess, "A tool", "a sample")) == []


@quick
@given(data=st.binary(max_size=200))
def test_no_bytes_are_a_surprise(data: bytes) -> None:
    """Any bytes are refused in a sentence, or give a profile."""
    _try(data)


_CELLS = st.one_of(
    st.sampled_from(
        ["2026-01-05", "5/1/26", "-1,50", "1.234", "EUR", "_", "", "Datum", "Betrag", "Valuta", "{x}", "Soll"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4),
)


@quick
@given(
    rows=st.lists(st.lists(_CELLS, min_size=1, max_size=4), min_size=1, max_size=5),
    delimiter=st.sampled_from(";,\t|"),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]),
)
def test_no_table_is_a_surprise(rows: list[list[str]], delimiter: str, encoding: str) -> None:
    """Any table is refused in a sentence, or gives a profile."""
    _try("\n".join(delimiter.join(row) for row in rows).encode(encoding))
