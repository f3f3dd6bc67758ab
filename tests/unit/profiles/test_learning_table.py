"""Lines before and below the table are not rows; a note says that a profile does not write them."""

import pytest

from primanota.profiles.learning import learn


def test_lines_around_the_table_are_noted() -> None:
    """Lines before the headings, a line for Excel and rows of another width are reported in notes."""
    table = "Date;Name;Amount\n2026-03-01;Zoë;-1,50\n2026-03-02;Zoë;-1,50\n"
    ahead = learn(f"Konto\n\nZeitraum;30 Tage\n{table}".encode())
    assert ahead.notes == ["The sample has 2 lines before the table (“Konto”), which a profile cannot write."]
    assert ahead.options.headings == ["Date", "Name", "Amount"]
    assert "“sep=”" in learn(f"sep=;\r\n{table}".encode()).notes[0]
    uneven = learn(f"{table}2026-03-03;Zoë\n{table[17:]}".encode())
    assert uneven.notes == ["The sample has 1 line of another width than 3 cells."]
    assert learn(f'{table.replace("e;Z", "e;Z")}2026-03-02;"x";2,00\n'.encode()).notes == [
        "The sample quotes some cells and not others; the profile quotes the cells that need them."
    ]


@pytest.mark.parametrize(
    ("below", "said"),
    [
        ("Kontostand;31.10.2026;;;1.234,56;EUR\n", "a line below the table (“Kontostand 31.10.2026 1.234,56 EUR”)"),
        ("Summe;;-92,50\n", "a line below the table (“Summe -92,50”)"),
        ("\nSumme\n;;;;-92,50;EUR\n", "2 lines below the table (“Summe”)"),
    ],
)
def test_lines_below_the_table_are_not_rows(below: str, said: str) -> None:
    """Last lines with a text in place of a day are reported and left out, and do not affect the rows above."""
    table = "Buchungstag;Valuta;Name;Zweck;Betrag;Währung\n" + "".join(
        f"0{day}.10.2026;0{day}.10.2026;Müller;Rechnung {day};-12,5{day};EUR\n" for day in range(1, 5)
    )
    guess = learn((table + below).encode())
    assert guess.notes == [f"The sample ends with {said}, which a profile cannot write."]
    assert guess._replace(notes=[]) == learn(table.encode())


@pytest.mark.parametrize(
    "rows",
    [
        "2026-03-01;7;Zoë;-1,50\n2026-03-02;RE-8;Zoë;2,00\n",
        "2026-03-01;;Zoë;-1,50\n2026-03-02;RE-8;Zoë;2,00\n",
        "2026-03-01;9,00;Zoë;-1,50\n2026-03-02;n/a;Zoë;2,00\n",
        "2026-03-01;9,00;Zoë;-1,50\n2026-03-02;x;Zoë;2,00\n2026-03-03;y;Zoë;2,00\n",
    ],
)
def test_a_last_row_is_not_below_the_table(rows: str) -> None:
    """Numbers, empty cells, fillers and texts in many rows do not end the table."""
    assert learn(f"Date;Beleg;Name;Amount\n{rows}".encode()).notes == []


def test_a_delimiter_at_the_end_stays() -> None:
    """If lines end with a delimiter, there is one more column, without a heading and always empty."""
    data = "Date;Name;Amount\n2026-03-01;Zoë;-1,50;\n2026-03-02;Zoë;-1,50;\n"
    assert learn(data.encode()).options.columns[-1] == ("", "")
