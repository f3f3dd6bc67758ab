"""The balances that the text of a bank's statement states: read only where they cannot be anything else. Pure.

How the bank's PDFs are laid out is not documented, and no real one was at hand. So a label of an opening or a closing
balance in one of five languages must be followed by exactly one amount with two decimals, on its line or alone on the
next one; and whatever several labels say must agree. Everything else is not read.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from primanota.core.kept_files import StatedBalances

# The number of the rule of this module: raise it where the same text gives other balances.
RULE = 1

_OPENING = (
    *("opening balance", "starting balance", "initial balance"),
    *("anfangssaldo", "eröffnungssaldo", "startsaldo", "alter saldo", "alter kontostand"),
    *("solde initial", "solde d'ouverture", "solde d\u2019ouverture", "solde de départ", "ancien solde"),
    *("saldo iniziale", "saldo di apertura", "saldo inicial", "saldo de apertura"),
)
_CLOSING = (
    *("closing balance", "ending balance", "final balance"),
    *("endsaldo", "schlusssaldo", "abschlusssaldo", "neuer saldo", "neuer kontostand"),
    *("solde final", "solde de clôture", "nouveau solde"),
    *("saldo finale", "saldo di chiusura", "saldo final", "saldo de cierre"),
)
_BLANKS = " \u00a0\u202f"
_AMOUNT = re.compile(
    rf"(?<![\w.,'\u2019])(?P<sign>[-+\u2212\u2013][{_BLANKS}]?)?"
    rf"(?:(?P<groups>\d{{1,3}}(?:(?P<gap>[{_BLANKS}.,'\u2019])\d{{3}})(?:(?P=gap)\d{{3}})*)|(?P<plain>\d+))"
    rf"(?P<mark>[.,])(?P<cents>\d\d)(?P<after>[{_BLANKS}]?[-\u2212\u2013](?!\d))?(?![\w%]|[.,]\d)"
)
# What may stand beside an amount that is alone on its line.
_CURRENCY = re.compile(r"\b(?:EUR|euros?)\b|€", re.IGNORECASE)
# Other than euros, or a mark of debit and credit: what it means is not known.
_UNCLEAR = re.compile(r"\b(?:USD|GBP|CHF|S|H|D|C|CR|DR)\b|[$£()]")
_MOST_DIGITS = 13
_MINUS = ("-", "\u2212", "\u2013")


def stated_balances(text: str) -> StatedBalances:
    """Return the balances that a text states.

    The reason is ``no_text`` where there is none, ``not_found`` where a label or its amount is missing, ``unclear``
    where it could be one of several amounts.
    """
    lines = [line for line in (" ".join(one.split(" ")).strip() for one in text.splitlines()) if line]
    if not lines:
        return StatedBalances(RULE, reason="no_text")
    opening, closing = (_only(set(_candidates(lines, labels))) for labels in (_OPENING, _CLOSING))
    reasons = [one for one in (opening, closing) if isinstance(one, str)]
    return StatedBalances(
        RULE,
        None if isinstance(opening, str) else opening,
        None if isinstance(closing, str) else closing,
        "unclear" if "unclear" in reasons else reasons[0] if reasons else "",
    )


def _only(found: set[int | None]) -> int | str:
    """Return the only balance that was found, or why there is none."""
    if len(found) > 1 or None in found:
        return "unclear"
    return next((cents for cents in found if cents is not None), "not_found")


def _candidates(lines: Sequence[str], labels: Sequence[str]) -> Iterator[int | None]:
    """Yield the amount of each label of a balance, in cents; None for one that could be several amounts."""
    label = re.compile(rf"\b(?:{'|'.join(map(re.escape, labels))})\b", re.IGNORECASE)
    for line, following in pairwise([*lines, ""]):
        if not (found := label.search(line)):
            continue
        rest = line[found.end() :]
        amounts = [*_AMOUNT.finditer(rest)]
        if amounts:
            yield _cents(amounts[0]) if len(amounts) == 1 and not _UNCLEAR.search(rest) else None
        elif alone := _AMOUNT.fullmatch(_CURRENCY.sub("", following).strip()):
            yield _cents(alone)


def _cents(found: re.Match[str]) -> int | None:
    """Return an amount in cents; None if its marks contradict each other."""
    gap, mark, digits = found["gap"], found["mark"], re.sub(r"\D", "", found["groups"] or found["plain"])
    is_twice = bool(found["sign"] and found["after"])
    if gap == mark or is_twice or len(digits) > _MOST_DIGITS:
        return None
    cents = int(digits + found["cents"])
    sign = (found["sign"] or found["after"] or "").strip(_BLANKS)
    return -cents if sign in _MINUS else cents
