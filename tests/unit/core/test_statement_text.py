"""The balances of a statement's text: read where they are clear, in five languages, and never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.statement_text import stated_balances

CLEAR = {
    "english": "Opening balance 1,234.50 EUR\nClosing balance -12.00 EUR",
    "german": "Anfangssaldo am 01.10.2026: 1.234,50 €\nEndsaldo am 31.10.2026: -12,00 €",
    "french": "Solde initial au 01/10/2026 1\u202f234,50 EUR\nSolde de clôture \u2212 12,00 EUR",
    "italian": "Saldo iniziale EUR 1'234,50\nSaldo finale EUR 12,00-",
    "spanish": "SALDO INICIAL\n1.234,50 €\nSALDO FINAL\n-12,00",
    "twice the same": "Opening balance 1234.50\nClosing balance -12.00\nOpening balance: 1,234.50",
}
UNCLEAR = {
    "two amounts on the line": "Opening balance 1.00 2.00\nClosing balance 3.00",
    "two different ones": "Opening balance 1.00\nClosing balance 3.00\nOpening balance 2.00",
    "no label": "Balance 1.00\nBalance 2.00",
    "no amount": "Opening balance\nClosing balance 3.00 EUR",
    "no decimals": "Opening balance 1.234\nClosing balance 3.00",
    "another currency": "Opening balance 1.00 USD\nClosing balance 3.00 EUR",
    "a mark of debit": "Anfangssaldo 1,00 S\nEndsaldo 3,00 H",
    "brackets": "Opening balance (1.00)\nClosing balance 3.00",
    "one mark for both": "Opening balance 1.234.50\nClosing balance 3.00",
    "only a date": "Opening balance 01.10.2026\nClosing balance 3.00",
    "a rate": "Opening balance 1.00%\nClosing balance 3.00",
    "nothing": "",
    "the label within a word": "Reopening balances 1.00\nClosing balance 3.00",
}


@pytest.mark.parametrize("text", CLEAR.values(), ids=CLEAR)
def test_clear_balances_are_read(text: str) -> None:
    """Opening and closing balance are read in five languages and their ways to write amounts and dates."""
    found = stated_balances(text)
    assert (found.opening, found.closing, found.reason) == (123_450, -1200, "")


@pytest.mark.parametrize("text", UNCLEAR.values(), ids=UNCLEAR)
def test_unclear_balances_are_not_read(text: str) -> None:
    """A balance that could be another amount, or none, is not read, and the reason is stated."""
    found = stated_balances(text)
    assert found.opening is None
    assert found.reason


@given(st.integers(-(10**12), 10**12), st.sampled_from([",.", ".,", "\u202f,", " ,", "'."]))
def test_every_amount_is_read_to_the_cent(cents: int, marks: str) -> None:
    """Whatever an amount is, and however a language writes it, it is read to the cent."""
    written = f"{cents / 100:,.2f}".translate(str.maketrans(",.", marks))
    found = stated_balances(f"Opening balance {written} EUR\nClosing balance {written}")
    assert (found.opening, found.closing) == (cents, cents)


@given(st.text(max_size=300))
def test_no_text_is_too_strange(text: str) -> None:
    """Whatever a text is, reading it ends without an error."""
    stated_balances(f"{text}\nOpening balance {text}")
