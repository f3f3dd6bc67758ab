"""The field of a column is found by its heading and its cells; what they do not show is asked."""

import pytest

from primanota.profiles.learning import learn
from primanota.profiles.learning.headings import interpret_headings


def _templates(data: str, answers: dict[str, str] | None = None) -> list[str]:
    return [template for _, template in learn(data.encode(), answers).options.columns]


def _questions(data: str, answers: dict[str, str] | None = None) -> dict[str, list[str]]:
    return {
        question.topic: [answer.value for answer in question.answers]
        for question in learn(data.encode(), answers).questions
    }


@pytest.mark.parametrize(
    ("days", "form"),
    [
        (["2026-03-04", "2026-03-05"], "%Y-%m-%d"),
        (["04.03.2026", "05.03.2026"], "%d.%m.%Y"),
        (["04/03/2026", "25/03/2026"], "%d/%m/%Y"),
        (["03/04/2026", "03/25/2026"], "%m/%d/%Y"),
        (["25-03-26", "31-03-26"], "%d-%m-%y"),
        (["20260304", "20260325"], "%Y%m%d"),
        (["25032026", "26032026"], "%d%m%Y"),
        (["4 Mar 2026", "25 Mar 2026"], "%d %b %Y"),
        (["Mar 4, 2026", "Mar 25, 2026"], "%b %d, %Y"),
        (["2026-03-04 09:30", "2026-03-05 10:00"], "%Y-%m-%d %H:%M"),
        (["2026-03-04T09:30:00", "2026-03-05T10:00:00"], "%Y-%m-%dT%H:%M:%S"),
    ],
)
def test_the_form_of_days_is_seen(days: list[str], form: str) -> None:
    """Days show their format if one of them can be read in only one."""
    data = "".join(f"{day};Müller {number};-1,50\n" for number, day in enumerate(days))
    if len(days[0]) == 8 and days[0].isdigit():
        data = f"Datum;Name;Betrag\n{data}"
    assert _templates(data)[0] == f"{{booked:{form}}}"
    assert [topic for topic in _questions(data) if topic != "Days"] == []


@pytest.mark.parametrize(
    ("days", "best"),
    [
        (["03/04/2026"], "%d/%m/%Y"),
        (["03/04/2026", "03/11/2026"], "%m/%d/%Y"),
        (["05/01/2026", "05/12/2026"], "%m/%d/%Y"),
    ],
)
def test_day_and_month_are_asked_for(days: list[str], best: str) -> None:
    """Days that can be read in two ways are asked; the reading with the shorter span is the best guess."""
    data = "Date,Name,Amount\n" + "".join(f"{day},Zoë,-1.50\n" for day in days)
    assert _questions(data)["Days"] == [best, *({"%d/%m/%Y", "%m/%d/%Y"} - {best})]
    assert _templates(data, {"Days": "%m/%d/%Y"})[0] == "{booked:%m/%d/%Y}"


def test_nothing_is_asked_twice() -> None:
    """Two columns of uncertain days in the same format lead to one question."""
    questions = learn("Date,Value date,Näme,Amount\n04/03/2026,05/03/2026,x,-1.50\n".encode()).questions
    assert [question.topic for question in questions] == ["Days"]


def test_days_of_different_forms() -> None:
    """Two columns of days in different formats lead to two questions at most."""
    data = "Date,Started date,Näme,Amount\n04/03/2026,2026-03-04 09:30,x,-1.50\n"
    assert _questions(data) == {"Days of column 1": ["%d/%m/%Y", "%m/%d/%Y"]}
    assert _templates(data)[1] == "{emitted:%Y-%m-%d %H:%M}"


def test_days_help_each_other() -> None:
    """Of two columns of days, one with a certain format shows the format of the other."""
    data = "Date,Value date,Name,Amount\n04/03/2026,25/03/2026,Zoë,-1.50\n"
    assert (_templates(data)[:2], _questions(data)) == (["{booked:%d/%m/%Y}"] * 2, {})


@pytest.mark.parametrize(
    ("heading", "form"),
    [
        ("Date (DD/MM/YYYY)", "%d/%m/%Y"),
        ("Datum (TT.MM.JJJJ)", "%d.%m.%Y"),
        ("Date JJ/MM/AAAA", "%d/%m/%Y"),
        ("Data (GG-MM-AAAA)", "%d-%m-%Y"),
        ("Datum TT.MM.JJ", "%d.%m.%y"),
        ("Date MM/DD/YYYY", "%m/%d/%Y"),
    ],
)
def test_a_heading_may_tell_the_form_of_days(heading: str, form: str) -> None:
    """A template without rows often states the date format in the heading, in its own language."""
    assert _templates(f"{heading};Näme;Amount\n")[0] == f"{{booked:{form}}}"
    assert "Days" not in _questions(f"{heading};Näme;Amount\n")
    assert _templates(f"{heading};Name;Amount\n04/03/2026;Zoë;-1.50\n", {"Days": "%d/%m/%Y"})[0].startswith("{booked")


@pytest.mark.parametrize(
    ("amounts", "mark", "notes"),
    [
        (["-1.234,50", "3,00"], ":,", ["marks between thousands"]),
        (["-1,234.50", "3.00"], "", ["marks between thousands"]),
        (["-1 234,50", "3,00"], ":,", ["marks between thousands"]),
        (["12,50-", "3,00"], ":,", ["a minus behind them"]),
        (["(12.50)", "3.00"], "", ["brackets for a minus"]),
        (["-12,50 €", "+3,00 €"], ":,", ["a plus sign", "a currency"]),
        (["EUR -12.50", "EUR 3.00"], "", ["a currency"]),
        (["\u221212.50", "3"], "", []),
    ],
)
def test_the_decimal_mark_is_seen(amounts: list[str], mark: str, notes: list[str]) -> None:
    """Amounts show their decimal mark; notations that a profile does not write are reported."""
    data = "Datum;Name;Betrag\n" + "".join(f"0{day}.03.2026;Müller;{one}\n" for day, one in enumerate(amounts, 1))
    guess = learn(data.encode())
    assert guess.options.columns[2] == ("Betrag", f"{{amount{mark}}}")
    assert guess.notes == [f"Amounts of the sample have {note}; the profile writes them without." for note in notes]


def test_whole_amounts_are_asked_for() -> None:
    """Amounts without decimals do not show their decimal mark; the language of the headings is a hint."""
    assert _questions("Datum;Name;Betrag\n01.03.2026;Müller;-5\n") == {"Decimal mark": [",", "."]}
    assert _questions("Date;Name;Amount\n2026-03-01;Müller;-5\n") == {"Decimal mark": [".", ","]}
    assert _templates("Date;Name;Amount\n2026-03-01;Müller;-5\n", {"Decimal mark": ","})[2] == "{amount:,}"


def test_a_sign_is_asked_for() -> None:
    """If every amount is positive, it is asked whether money out has a minus."""
    data = "Date,Name,Amount\n2026-03-01,Zoë,5.00\n"
    assert _questions(data) == {"Sign": ["minus", "none"]}
    assert _templates(data, {"Sign": "none"})[2] == "{unsigned}"
    assert _templates(data, {"Sign": "minus"})[2] == "{amount}"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("D", "C"), ("C", "D")),
        (("d", "c"), ("c", "d")),
        (("Soll", "Haben"), ("Haben", "Soll")),
        (("Af", "Bij"), ("Bij", "Af")),
        (("debit", "credit"), ("credit", "debit")),
        (("-", "+"), ("+", "-")),
        (("Uscita", "Entrata"), ("Entrata", "Uscita")),
    ],
)
def test_the_words_for_in_and_out_are_known(words: tuple[str, str], found: tuple[str, str]) -> None:
    """A column of two known words for money in and out is the direction, and its amounts have no sign."""
    data = f"Date,Name,Type,Amount\n2026-03-01,Zoë,{words[0]},5.00\n2026-03-02,Zoë,{words[1]},6.00\n"
    guess = learn(data.encode())
    assert (guess.options.direction, guess.questions) == (found, [])
    assert [template for _, template in guess.options.columns][2:] == ["{direction}", "{unsigned}"]


def test_signs_identify_the_words_for_in_and_out() -> None:
    """Unknown words are learnt from the signs of the amounts next to them, and asked if there are no signs."""
    head = "Date,Name,Direction,Amount\n"
    assert learn(f"{head}2026-03-01,Zoë,weg,-5.00\n2026-03-02,Zoë,da,6.00\n".encode()).options.direction == (
        "da",
        "weg",
    )
    unsigned = f"{head}2026-03-01,Zoë,weg,5.00\n2026-03-02,Zoë,da,6.00\n"
    assert _questions(unsigned) == {"Direction": ["weg, da", "da, weg"]}
    assert learn(unsigned.encode(), {"Direction": "da, weg"}).options.direction == ("da", "weg")
    (question,) = learn(unsigned.encode()).questions
    assert question.read(" da ,weg") == "da, weg"
    with pytest.raises(ValueError, match="two words"):
        question.read("da")


def test_one_word_implies_the_other() -> None:
    """If a sample has only money out, the word for money in is the other word of the pair."""
    assert learn("Datum;Af Bij;Bedrag;Naam\n01-03-2026;Af;5,00;Zoë\n".encode()).options.direction == ("Bij", "Af")


def test_balances_identify_amounts() -> None:
    """Without headings, amounts are the differences between balances, with the oldest row first or last."""
    rows = ["02/01/2026,Zoë,-12.50,87.50", "03/01/2026,Ana,-7.50,80.00", "14/01/2026,Zoë,20.00,100.00"]
    for lines in (rows, rows[::-1]):
        guess = learn("\n".join(lines).encode())
        assert [template for _, template in guess.options.columns][2:] == ["{amount}", "{balance}"]
        assert (guess.options.header, guess.questions) == (False, [])


def test_balances_distinguish_in_and_out() -> None:
    """If each row fills one of two columns, the balances show which is which, even against the headings."""
    rows = "2026-01-02,Zoë,12.50,,87.50\n2026-01-03,Ana,7.50,,80.00\n2026-01-14,Zoë,,20.00,100.00\n"
    wanted = ["{money_out}", "{money_in}", "{balance}"]
    assert _templates(rows)[2:] == wanted
    told = learn(f"Date,Name,Credit,Debit,Balance\n{rows}".encode())
    assert [template for _, template in told.options.columns][2:] == wanted
    assert "balances say" in told.notes[0]
    assert _questions("".join(f"{line.rpartition(',')[0]}\n" for line in rows.splitlines())) == {
        "Money in": ["3", "4"]
    }


def test_what_in_and_out_cannot_show_is_noted() -> None:
    """A minus in some rows of money out and a 0 in the empty column are not written, and that is reported."""
    rows = "2026-03-01,Zoë,0.00,-5.00\n2026-03-02,Zoë,6.00,0.00\n2026-03-03,Zoë,0.00,7.00\n"
    data = f"Date,Name,Money in,Money out\n{rows}"
    assert [note.split(",")[0] for note in learn(data.encode()).notes] == [
        "Money out has a minus in some rows of its own column; the profile writes it without.",
        "The sample has 0 in cells of money in or money out without an amount; the profile leaves them empty.",
    ]


def test_zero_amounts_are_skipped_with_in_and_out() -> None:
    """A row of 0.00 would have an amount in neither column, so it is skipped."""
    assert learn(b"Date,Name,Money in,Money out\n").rules.zero == "skip"
    assert learn(b"Date,Name,Amount\n").rules.zero == "keep"


def test_a_template_is_learnt_by_its_headings() -> None:
    """Headings alone identify the columns; what they cannot show is asked."""
    data = "Data;Descrição;Débito;Crédito;Saldo\r\n"
    assert _templates(data) == [
        *("{booked:%d/%m/%Y}", "{counterparty} {purpose} {details}"),
        *("{money_out:,}", "{money_in:,}", "{balance:,}"),
    ]
    assert sorted(_questions(data)) == ["Days", "Decimal mark"]
    answers = {"Days": "%Y%m%d", "Decimal mark": "."}
    assert _templates(data, answers)[0] == "{booked:%Y%m%d}"
    assert _questions(data, answers) == {}


@pytest.mark.parametrize(
    ("heading", "fields"),
    [
        ("Empfänger / Zahlungspflichtiger", ["counterparty", "payee"]),
        ("Betrag (EUR)", ["amount"]),
        ("*Amount", ["amount"]),
        ("Rechnungsbetrag", ["amount"]),
        ("date_transaction", ["booked"]),
        ("Libellé de l'opération", ["purpose"]),
        ("NAAM TEGENREKENING", ["counterparty"]),
        ("Fecha valor", ["booked"]),
        ("% IVA", ["vat_rate"]),
        ("Kostenstelle", []),
        ("", []),
    ],
)
def test_headings_in_seven_languages(heading: str, fields: list[str]) -> None:
    """Words are recognised regardless of accents, signs, case and text in brackets."""
    assert interpret_headings([heading]).fields == [fields]


def test_a_word_of_two_languages() -> None:
    """A word is read in the language of the other headings: Valuta is a day in German, not in Dutch."""
    assert interpret_headings(["Valuta", "Buchungstag", "Betrag"]).fields[0][0] == "booked"
    assert interpret_headings(["Valuta", "Omschrijving", "Bedrag"]).fields[0][0] == "currency"


@pytest.mark.parametrize("days", [("02.10.2026", "04.10.2026"), ("02.10.2026", "")])
def test_a_word_for_amounts_above_days(days: tuple[str, str]) -> None:
    """Cells decide: “Wert” is an amount, but with days below it, it is the value date."""
    data = "Buchungstag;Wert;Name;Betrag\n01.10.2026;{};Müller;-1,50\n03.10.2026;{};Müller;2,50\n".format(*days)
    assert (_templates(data)[1], _questions(data)) == ("{booked:%d.%m.%Y}", {})
    assert _templates("Datum;Name;Wert\n01.10.2026;Müller;-1,50\n")[2] == "{amount:,}"
    assert _templates("Datum;Name;Wert\n")[2] == "{amount:,}"


@pytest.mark.parametrize(
    ("heading", "cells"),
    [("Kst", ("4711", "4712")), ("Time", ("13:00:00", "9:30:00")), ("USt", ("19%", "7%")), ("x", ("#1", "#2"))],
)
def test_a_column_without_letters_is_neither_name_nor_purpose(heading: str, cells: tuple[str, str]) -> None:
    """Without a hint, a column of figures stays empty unless answered, even if it is the only unknown one."""
    alone = f"Datum;Betrag;{heading}\n01.02.2026;-5,00;{cells[0]}\n02.02.2026;5,50;{cells[1]}\n"
    assert (_templates(alone)[2], _questions(alone)["Column 3"][0]) == ("", "-")
    beside = f"Datum;Betrag;{heading};y\n01.02.2026;-5,00;{cells[0]};Größe\n02.02.2026;5,50;{cells[1]};Maß\n"
    assert _templates(beside)[2:] == ["", "{counterparty} {purpose} {details}"]
    assert [*_questions(beside)] == ["Column 3"]


def test_payer_and_payee() -> None:
    """Columns for both are payer and payee; one of them alone may be the counterparty, which is asked."""
    assert _templates("Datum;Auftraggeber;Empfänger;Betrag\n")[1:3] == ["{payer}", "{payee}"]
    alone = "Datum;Empfänger;Betrag;Zweck\n"
    assert _questions(alone)["Column 2"] == ["counterparty", "payee", "-"]
    assert _templates(alone, {"Column 2": "payee"})[1] == "{payee}"


def test_fields_without_a_column_go_to_the_purpose() -> None:
    """Without columns for them, the counterparty's name and the note go to the purpose."""
    assert _templates("Date;Description;Amount\n")[1] == "{counterparty} {purpose} {details}"
    assert _templates("Date;Name;Description;Amount\n")[2] == "{purpose} {details}"
    assert _templates("Date;Name;Description;Note;Amount\n")[2:4] == ["{purpose}", "{details}"]
    assert _templates("Date;Name;Memo;Description;Amount\n")[2:4] == ["{details}", "{purpose}"]
    assert _templates("Date;Name;Description;Note;Original amount;Amount\n")[3:5] == ["{note}", "{original}"]


def test_own_account_and_the_others() -> None:
    """An account number that is the same in every row is that of the own account."""
    rows = "2026-03-01;{0};DE02120300000000202051;Zoë;-1.50\n2026-03-02;{0};PL61109010140000071219812874;Zoë;-2.50\n"
    data = f"Date;IBAN;IBAN;Name;Amount\n{rows.format('DE89370400440532013000')}"
    assert _templates(data)[1:3] == ["{iban}", "{counterparty_account}"]


def test_a_constant_column_is_asked() -> None:
    """A column with the same value in every row is asked; a column that is always empty stays empty."""
    data = "Date;Kind;{};Name;Amount;Check number\n2026-03-01;{bank};x;Zoë;-1.50;\n2026-03-02;{bank};x;Zoë;2.50;\n"
    assert _templates(data)[1:3] == ["{{bank}}", "x"]
    assert _templates(data)[-1] == ""
    assert _questions(data) == {"Column 2": ["={bank}", "-"], "Column 3": ["=x", "-"]}
    assert _templates(data, {"Column 2": "-", "Column 3": "member"})[1:3] == ["", "{member}"]


def test_a_strange_column_is_asked_for() -> None:
    """A text below an unknown heading is asked; the answer is a field, a template, or nothing."""
    data = "Datum;Betrag;Kst;Name;Zweck\n01.02.2026;-5,00;4711;Zoë;x\n02.02.2026;-5,00;4712;Zoë;y\n"
    assert _questions(data) == {"Column 3": ["-", "reference", "details"]}
    for answer, template in {"-": "", "member": "{member}", "K{number}": "K{number}", "amount": "{amount:,}"}.items():
        assert _templates(data, {"Column 3": answer})[2] == template
    (question,) = learn(data.encode()).questions
    assert "“4711”" in question.text
    assert question.answers[0].value == "-"
    assert [question.read(word) for word in ("-", "member", "{member}: {note}")] == [
        "-",
        "member",
        "{member}: {note}",
    ]
    for wrong, said in {
        "membre": "Did you mean “member”",
        "{membre}": "There is no field “membre”",
        "{foo": "do not match. W",
    }.items():
        with pytest.raises(ValueError, match=said):
            question.read(wrong)
