"""To which ledger account a row belongs: the company's accounts, its rules, and the VAT of the row. Pure.

The first rule whose conditions all fit takes a row; what none takes goes to the clearing account. Conditions on texts
are globs. What a row does not have is the empty text.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Annotated, Literal

import msgspec

from primanota.core.model import Account, Ledger, Posting, Transaction
from primanota.core.patterns import Glob, plain

# What a condition on a text looks at; of several texts, any may fit.
_TEXTS: dict[str, Callable[[Transaction], tuple[str, ...]]] = {
    "counterparty": lambda row: (row.counterparty,),
    "reference": lambda row: (row.reference,),
    "operation": lambda row: (row.operation,),
    "label": lambda row: row.labels or ("",),
    "category": lambda row: (row.category,),
    "member": lambda row: (row.member,),
    "currency": lambda row: (row.original.currency if row.original else row.amount.currency,),
}
_CONDITIONS = (*_TEXTS, "side", "min", "max")
_SIDES = {"in": 1, "out": -1}
_ALL = Glob("*")
# More cents than any row has.
_MOST = 10**18
_COMMON_YEAR = 2001


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Which rows it takes, and what becomes of them.

    ``min`` and ``max`` bound the amount without its sign, in the account's currency; ``currency`` is the one in which
    it was spent. A row that moves nothing is on no ``side``. ``tax`` is a tax key, or one for each VAT rate in
    percent.
    """

    counterparty: str | None = None
    reference: str | None = None
    operation: str | None = None
    label: str | None = None
    category: str | None = None
    member: str | None = None
    currency: str | None = None
    side: Literal["in", "out"] | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    account: str = ""
    tax: str | dict[str, str] = ""
    cost_centre: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        """Refuse what means nothing, or could never take a row.

        Raises:
            ValueError: what is wrong with it, in a sentence.
        """
        if not self.account.strip():
            raise ValueError("it has no account")
        if self.least > self.most:
            raise ValueError("no amount is on its side and between its min and its max, so it can never take a row")
        if isinstance(self.tax, dict) and len(self._taxes) < len(self.tax):
            raise ValueError("its tax names a rate twice")

    def __str__(self) -> str:
        said = ((name, getattr(self, name)) for name in _CONDITIONS)
        return ", ".join(f"{name} = {value}" for name, value in said if value is not None) or "everything"

    @cached_property
    def least(self) -> int:
        """The fewest cents that it takes, in or out."""
        return max(_cents("min", self.min or Decimal(0)), int(self.side is not None))

    @cached_property
    def most(self) -> int:
        """The most cents that it takes, in or out."""
        return _MOST if self.max is None else _cents("max", self.max)

    @cached_property
    def globs(self) -> dict[str, Glob]:
        """What its texts must fit, where not every text does."""
        said = ((name, getattr(self, name)) for name in _TEXTS)
        globs = {name: Glob(text) for name, text in said if text is not None}
        return {name: glob for name, glob in globs.items() if glob.text != _ALL.text}

    def takes(self, cents: int, texts: Mapping[str, Sequence[str]]) -> bool:
        """Whether it fits a row of so many signed cents and of these texts, as :func:`seen` gives them."""
        if not self.least <= abs(cents) <= self.most or (self.side and cents * _SIDES[self.side] < 0):
            return False
        return all(any(map(glob.fits, texts[name])) for name, glob in self.globs.items())

    def covers(self, other: "Rule") -> bool:
        """Whether it surely takes every row that the other one takes."""
        if self.side not in {None, other.side} or self.least > other.least or self.most < other.most:
            return False
        return all(glob.covers(other.globs.get(name, _ALL)) for name, glob in self.globs.items())

    def tax_of(self, rate: Decimal | None) -> str:
        """The tax key of a VAT rate; empty where it has none for that."""
        return self.tax if isinstance(self.tax, str) else self._taxes.get(rate, "")

    @cached_property
    def _taxes(self) -> dict[Decimal | None, str]:
        return {_rate(said): key for said, key in self.tax.items()} if isinstance(self.tax, dict) else {}


class Chart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The company's ledger accounts, and what single tools ask for.

    ``bank`` is the ledger account of its bank accounts, ``banks`` has those of single ones by their IBAN or name.
    ``clearing`` gets what no rule takes. ``names`` are the names of ledger accounts. ``year_start`` is the first day
    of the fiscal year, as ``MM-DD``. The rest is explained at :class:`primanota.core.model.Ledger`.
    """

    bank: str
    clearing: str
    banks: dict[str, str] = {}
    names: dict[str, str] = {}
    year_start: str = "01-01"
    account_length: Annotated[int, msgspec.Meta(ge=4, le=8)] = 4
    consultant: Annotated[int, msgspec.Meta(ge=0)] = 0
    client: Annotated[int, msgspec.Meta(ge=0)] = 0
    chart: str = ""
    siren: str = ""
    journal: str = "BQ"

    def __post_init__(self) -> None:
        """Refuse what is no account, no chart, no SIREN and no day.

        Raises:
            ValueError: what is wrong with it, in a sentence.
        """
        if not (self.bank.strip() and self.clearing.strip()):
            raise ValueError("bank and clearing must not be empty")
        if not re.fullmatch(r"(\d{2})?", self.chart, re.ASCII):
            raise ValueError(f"chart: “{self.chart}” is not two digits, like 03 and 04")
        if not re.fullmatch(r"(\d{9})?", self.siren, re.ASCII):
            raise ValueError(f"siren: “{self.siren}” is not nine digits")
        self.first_day()

    def first_day(self) -> tuple[int, int]:
        """The first day of the fiscal year: month and day.

        Raises:
            ValueError: there is no such day in every year.
        """
        match = re.fullmatch(r"(\d\d)-(\d\d)", self.year_start, re.ASCII)
        with suppress(ValueError):
            if match:
                first = date(_COMMON_YEAR, int(match[1]), int(match[2]))
                return first.month, first.day
        raise ValueError(f"year_start: “{self.year_start}” is no day of every year; write it like 04-01")

    def bank_of(self, account: Account) -> str:
        """The ledger account of a bank account."""
        return next((number for name, number in self.banks.items() if _called(account, name)), self.bank)

    def strangers(self, accounts: Sequence[Account]) -> list[str]:
        """What ``banks`` names although no bank account is called so."""
        return [name for name in self.banks if not any(_called(account, name) for account in accounts)]


def ledger(chart: Chart, rules: Sequence[Rule], account: Account) -> Ledger:
    """What a bank account's entries need: its own ledger account, and the other side of each of its rows."""
    last = Rule(account=chart.clearing)

    def assign(row: Transaction) -> tuple[Posting, ...]:
        place = first(rules, row)
        return _postings(row, last if place is None else rules[place])

    return Ledger(
        bank=chart.bank_of(account),
        assign=assign,
        names=chart.names,
        year_start=chart.first_day(),
        account_length=chart.account_length,
        consultant=chart.consultant,
        client=chart.client,
        chart=chart.chart,
        siren=chart.siren,
        journal=chart.journal,
    )


def first(rules: Sequence[Rule], row: Transaction) -> int | None:
    """The place of the rule that takes a row; None where it falls through."""
    cents, texts = row.amount.cents, seen(row)
    return next((place for place, rule in enumerate(rules) if rule.takes(cents, texts)), None)


def seen(row: Transaction) -> dict[str, tuple[str, ...]]:
    """What conditions on texts look at."""
    return {name: tuple(map(plain, texts(row))) for name, texts in _TEXTS.items()}


def idle(rules: Sequence[Rule]) -> Iterator[tuple[int, int]]:
    """Rules that can never take a row: the place of each, and of the earlier one that takes all that it could."""
    for place, rule in enumerate(rules):
        for before in range(place):
            if rules[before].covers(rule):
                yield place, before
                break


def _postings(row: Transaction, rule: Rule) -> tuple[Posting, ...]:
    return tuple(
        Posting(rule.account, cents, rule.tax_of(rate), rule.cost_centre, rule.text)
        for rate, cents in _by_rate(row).items()
    )


def _by_rate(row: Transaction) -> dict[Decimal | None, int]:
    """An amount by its VAT rates; in one piece, of no rate, where the parts that the bank knows are not all of it."""
    cents = row.amount.cents
    parts: dict[Decimal | None, int] = {}
    for part in row.vat:
        if part.gross:
            parts[part.rate] = parts.get(part.rate, 0) + part.gross
    whole = parts and sum(parts.values()) == cents and all(part * cents > 0 for part in parts.values())
    return parts if whole else {None: cents}


def _cents(name: str, amount: Decimal) -> int:
    if not amount.is_finite() or not 0 <= amount <= _MOST // 100 or amount * 100 % 1:
        raise ValueError(f"{name}: “{amount}” is no amount without a sign, like 12.50")
    return int(amount * 100)


def _rate(text: str) -> Decimal:
    with suppress(InvalidOperation):
        rate = Decimal(text)
        if rate.is_finite():
            return rate
    raise ValueError(f"tax: “{text}” is no rate in percent, like 19 or 5.5")


def _called(account: Account, name: str) -> bool:
    said = plain(name)
    return said == plain(account.name) or (bool(account.iban) and said.replace(" ", "") == plain(account.iban))
