"""Files of banks and tools in Germany, France, Italy and Spain: what is sure is learnt, and the rest is asked."""

import csv
import io

import pytest

from primanota.core.errors import InvalidInput
from primanota.profiles.learning import cell_values, learn
from primanota.profiles.learning.encodings import decode
from primanota.profiles.learning.headings import interpret_headings
from primanota.profiles.learning.questions import Questions
from tests.support.banks.bank_samples import BankSample, bank_samples

_SAMPLES = bank_samples()
_PAYEES = """
    Begünstigte*r Begünstigte:r Begünstigte/r Begünstigte/in Begünstigte_r Begünstigte(r) BegünstigteR Beguenstigte*r
    Empfänger*in Empfänger:in Empfänger/in Empfänger/-in EmpfängerIn Empfänger(in) Empfänger_in Empfängerin
    Empfänger:innen Empfaenger*in EMPFÄNGER*IN Zahlungsempfänger*in Zahlungsempfänger·in Empfänger/Empfängerin
    bénéficiaire(e) Bénéficiaire·s Destinataire beneficiario/a Beneficiario(a) Beneficiaria beneficiari@ Beneficiari*
    Destinatario/a Beneficiário(a)
"""
_PAYERS = """
    Zahlungspflichtige*r Zahlungspflichtige:r Zahlungspflichtige/r ZahlungspflichtigeR Auftraggeber*in
    Auftraggeber:innen Absender/in Zahler*in Émetteur·rice émetteur(trice) Payeur/Payeuse Ordenante/a Pagador/a
    Pagador(a) pagatore/trice Pagatore/Pagatrice
"""


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def _learnt(*columns: tuple[str, ...]) -> tuple[list[str], dict[str, list[str]]]:
    """Return the templates of a sample with these columns, headings first, and the questions about them."""
    text = "".join(";".join(line) + "\n" for line in zip(*columns, strict=True))
    guess = learn(text.encode())
    asked = {question.topic: [answer.value for answer in question.answers] for question in guess.questions}
    return [template for _, template in guess.options.columns], asked


_DAYS = ("Datum", "01.10.2026", "14.10.2026")
_MOVES = ("Betrag", "-10,50", "20,00")
_TEXT = ("Verwendungszweck", "Rechnung für Öl", "Miete")


@pytest.mark.parametrize("sample", _SAMPLES.values(), ids=_SAMPLES)
def test_a_banks_file(sample: BankSample) -> None:
    """Each column has the expected template, and exactly the doubtful columns are asked."""
    guess = learn(sample.text.encode())
    assert [template for _, template in guess.options.columns] == sample.templates
    asked = [int(one.topic.split()[-1]) for one in guess.questions if one.topic.startswith("Column")]
    assert sorted(asked) == sample.asked
    assert guess.options.formula_guard == "'"


@pytest.mark.parametrize("sample", _SAMPLES.values(), ids=_SAMPLES)
def test_headings_alone_leave_more_to_ask(sample: BankSample) -> None:
    """Without rows, a heading that means a field only in part is never sure."""
    headings = _rows(sample.text)[0]
    guess = learn((";".join(headings) + "\n").encode())
    asked = {question.topic for question in guess.questions}
    meant = interpret_headings(headings)
    for number, whole in enumerate(meant.whole, 1):
        assert whole or f"Column {number}" in asked or guess.options.columns[number - 1][1] in {"", "{direction}"}


@pytest.mark.parametrize("heading", _PAYEES.split())
def test_forms_for_women_and_men_are_words(heading: str) -> None:
    """A heading that names women and men alike is the word that names one of them: who is paid."""
    meant = interpret_headings([heading])
    assert (meant.whole, "payee" in meant.fields[0], "payer" in meant.fields[0]) == ([True], True, False)
    name = (heading, "Müller", "Maier")
    assert _learnt(_DAYS, name, ("Auftraggeber", "Acme", "Acme"), _TEXT, _MOVES)[0][1:3] == ["{payee}", "{payer}"]
    assert _learnt(_DAYS, name, _TEXT, _MOVES)[1]["Column 2"] == ["counterparty", "payee", "-"]


@pytest.mark.parametrize("heading", _PAYERS.split())
def test_forms_of_who_pays(heading: str) -> None:
    """The same for who pays."""
    meant = interpret_headings([heading])
    assert (meant.whole, meant.fields[0][0]) == ([True], "payer")
    name = (heading, "Müller", "Maier")
    assert _learnt(_DAYS, ("Empfänger", "Acme", "Acme"), name, _TEXT, _MOVES)[0][1:3] == ["{payee}", "{payer}"]
    assert _learnt(_DAYS, name, _TEXT, _MOVES)[1]["Column 2"] == ["counterparty", "payer", "-"]


@pytest.mark.parametrize(
    "heading",
    [
        *("Gläubiger-ID", "Glaeubiger ID", "Steuer-ID", "Kunden-ID", "Kundennummer", "Creditor ID", "Customer ID"),
        *("Identifiant créancier", "ID cliente", "Sammlerreferenz", "BIC Auftragskonto", "Kostenstellen-Nr"),
    ],
)
def test_an_id_of_something_else_is_not_the_id(heading: str) -> None:
    """A heading with a known word and another one is asked, and stays empty unless answered."""
    templates, asked = _learnt(
        _DAYS, (heading, "DE98ZZZ-17", "DE12ZZZ-18"), _TEXT, ("Name", "Müller", "Maier"), _MOVES
    )
    assert (templates[1], asked["Column 2"][0]) == ("", "-")


@pytest.mark.parametrize("heading", ["Auslagenersatz Rücklastschrift", "Gebühren Soll", "Frais débit", "Spese dare"])
def test_an_empty_column_stays_empty(heading: str) -> None:
    """A column without a value, below a heading that only in part means a field, stays empty and is not asked."""
    assert _learnt(_DAYS, (heading, "", ""), _TEXT, _MOVES) == _learnt(_DAYS, ("", "", ""), _TEXT, _MOVES)


@pytest.mark.parametrize(
    ("heading", "value", "guess"),
    [
        ("BIC", "COBADEFFXXX", "-"),
        ("Zahlungsart", "Überweisung", "-"),
        ("Moyen de paiement", "Virement", "-"),
        ("IBAN Auftragskonto", "DE02120300000000202051", "iban"),
        ("IBAN", "DE02120300000000202051", "iban"),
        ("Währung", "EUR", "currency"),
        ("Status", "Gebucht", "=Gebucht"),
        ("Kategorie", "Sonstiges", "-"),
        ("Canale", "INTERNET", "=INTERNET"),
    ],
)
def test_what_is_the_same_in_every_row_is_asked(heading: str, value: str, guess: str) -> None:
    """A constant is neither frozen nor guessed silently: the question shows it, and offers it as a text."""
    templates, asked = _learnt(_DAYS, (heading, value, value), _TEXT, ("Name", "Müller", "Maier"), _MOVES)
    written = {"-": "", f"={value}": value}.get(guess, f"{{{guess}}}")
    assert (asked["Column 2"][0], templates[1]) == (guess, written)
    assert {f"={value}", "-"} <= set(asked["Column 2"])


@pytest.mark.parametrize(
    ("heading", "codes"),
    [
        ("Causale", ("48", "27")),
        ("Buchungstext", ("NTRF", "NDDT")),
        ("Buchungsschlüssel", ("9", "8")),
        ("Libellé", ("VIR", "PRLV")),
        ("Concepto", ("05", "17")),
        ("Beschreibung", ("COBADEFFXXX", "SOGEDEFFXXX")),
        ("Umsatzart", ("PMNT-RCDT-ESCT", "PMNT-ICDT-STDO")),
        ("Kategorie", ("DE", "FR")),
        ("Details", ("fr", "it")),
        ("Empfänger", ("12", "7")),
    ],
)
def test_codes_are_not_texts(heading: str, codes: tuple[str, str]) -> None:
    """A column of codes is asked and stays empty unless answered, whatever text its heading means."""
    templates, asked = _learnt(_DAYS, (heading, *codes), ("Name", "Müller", "Maier"), _MOVES)
    assert (templates[1], asked["Column 2"][0]) == ("", "-")
    guess = learn(f"{_DAYS[0]};{heading};Name;Betrag\n{_DAYS[1]};{codes[0]};Müller;-1,50\n".encode())
    assert "codes" in guess.questions[0].text


@pytest.mark.parametrize(
    ("went", "came"),
    [
        *(("Dare", "Avere"), ("Soll", "Haben"), ("Debit", "Credit"), ("Débit", "Crédit"), ("Debe", "Haber")),
        *(("Uscite", "Entrate"), ("Addebiti (euro)", "Accrediti (euro)"), ("Débit euros", "Crédit euros")),
        *(("Lastschriften", "Gutschriften"), ("Dépenses", "Recettes"), ("Gastos", "Ingresos"), ("Cargo", "Abono")),
    ],
)
@pytest.mark.parametrize("minus", ["-", ""])
def test_money_out_keeps_its_minus(went: str, came: str, minus: str) -> None:
    """A column of money out is written as in the sample: with its minus where every amount has one, else without."""
    rows = ("01.10.2026", "14.10.2026", "20.10.2026")
    columns = [("Datum", *rows), ("Text", "Müll", "Öl", "Bär"), (went, f"{minus}12,50", "", f"{minus}3,00")]
    for both in (columns, [*columns[:2], (came, "", "9,50", ""), columns[2]]):
        full = both if len(both) > len(columns) else [*both, (came, "", "9,50", "")]
        templates, asked = _learnt(*full)
        assert templates[[heading for heading, *_ in full].index(went)] == (
            "{money_out_signed:,}" if minus else "{money_out:,}"
        )
        assert templates[[heading for heading, *_ in full].index(came)] == "{money_in:,}"
        assert asked == {}


@pytest.mark.parametrize("heading", ["Entrate/Uscite", "Soll/Haben", "Débit/Crédit", "Debe/Haber", "Dare/Avere"])
def test_both_sides_in_one_column_are_signed_amounts(heading: str) -> None:
    """A column whose heading names money in and out, and whose cells are amounts, has signed amounts."""
    assert _learnt(_DAYS, _TEXT, (heading, "-12,50", "9,00"))[0][2] == "{amount:,}"


def test_one_side_alone_asks_for_the_other() -> None:
    """Money out alone does not drop money in silently: a column that may be it is asked, else a note says so."""
    columns = [_DAYS, _TEXT, ("Dare", "12,50", ""), ("Importi positivi", "", "9,50")]
    assert _learnt(*columns)[1]["Money in"] == ["4"]
    guess = learn("Data;Descrizione;Dare\n01/10/2026;Öl;12,50\n14/10/2026;Bär;1,00\n".encode())
    assert "does not write the other" in guess.notes[0]


@pytest.mark.parametrize(
    "heading",
    [
        *("Descrizione", "Descrizione operazioni", "Causale descrizione", "Beschreibung", "Libellé", "Motif"),
        *("Libelle operation", "Concepto", "Descripción", "Description", "Verwendungszweck"),
    ],
)
def test_a_description_is_the_purpose(heading: str) -> None:
    """A column of descriptions has the purpose, also beside codes, and is not asked."""
    codes = ("Causale", "48", "27")
    templates, asked = _learnt(_DAYS, codes, (heading, "BONIFICO è Rossi", "STIPENDI"), _MOVES)
    assert (templates[2], "Column 3" in asked) == ("{counterparty} {purpose} {details}", False)
    assert "purpose" in asked["Column 2"]


def test_a_second_description_offers_the_purpose() -> None:
    """A longer description beside the purpose is asked, and the purpose is among the answers."""
    _, asked = _learnt(_DAYS, _TEXT, ("Descrizione estesa", "Öl per l'ufficio", "Affitto ottobre"), _MOVES)
    assert asked["Column 3"] == ["-", "purpose"]


def test_a_day_of_something_else_is_asked() -> None:
    """A due date is a doubt beside the day of booking, and alone, too."""
    due = ("Fälligkeitsdatum", "05.11.2026", "14.11.2026")
    assert _learnt(_DAYS, due, _TEXT, _MOVES)[1] == {"Column 2": ["-", "booked", "emitted"]}
    assert _learnt(due, _TEXT, _MOVES)[1] == {"Column 1": ["booked", "emitted", "-"]}


def test_any_column_can_be_answered() -> None:
    """An answer about a column is taken even if its heading is sure."""
    text = "Datum;Name;Zweck;Betrag;Saldo\n01.10.2026;Müller;Öl;-1,50;2,00\n02.10.2026;Maier;Bär;-1,50;0,50\n"
    answers = {"Column 2": "payer", "Column 3": "=Text {x}", "Column 5": "-"}
    templates = [template for _, template in learn(text.encode(), answers).options.columns]
    assert templates[1:] == ["{payer}", "Text {{x}}", "{amount:,}", ""]


def test_too_many_columns_are_refused() -> None:
    """A file with more columns than any tool has is refused in a sentence, before anything is compared."""
    with pytest.raises(
        InvalidInput, match="has 100,000 columns, and a profile is learnt from 1,000 at most"
    ) as refused:
        learn((";".join(f"c{number}" for number in range(100_000)) + "\n").encode())
    assert refused.value.hint


@pytest.mark.parametrize("place", [0, 1])
def test_an_open_quote_is_a_long_cell(place: int) -> None:
    """A quote that is never closed makes one long cell, which is not compared with forms of days and amounts."""
    lines = ["01.10.2026;Müller;Rechnung;-12,50\n"] * 3000
    lines[place] = lines[place].replace("Müller", '"Müller')
    try:
        assert len(learn(("Datum;Name;Zweck;Betrag\n" + "".join(lines)).encode()).options.columns) in {2, 4}
    except InvalidInput as refused:
        assert refused.hint  # noqa: PT017 - a table need not be left


def test_the_work_grows_with_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts that are like no day are not compared with the forms of days; of very many lines the first are read."""
    tried = []
    monkeypatch.setattr(cell_values, "_moment", lambda text, _: tried.append(text))
    line = "\t".join(["ä"] * 300)
    learn(f"{line}\n{line}\n{line}\n".encode())
    assert not tried
    assert len(decode(b"Day;Amount\n" * 20_000, Questions({}))[1].splitlines()) == 5_000


def test_an_amount_that_is_none() -> None:
    """A column of days that is answered to be the amount counts as 0, and a heading of any length has a sentence."""
    assert cell_values.cents("05.10.2026", ".") == 0
    with pytest.raises(InvalidInput, match="No profile can write this sample"):
        learn(f"{'h' * 40_000};Betrag\n01.10.2026;1,00\n".encode())
