"""Posting rules: assign transactions to ledger accounts, by the company's chart and the transactions' VAT. Pure.

The first rule whose conditions all match a transaction posts it; a transaction that no rule matches goes to the
clearing account. Conditions on texts are globs. A text that a transaction does not have is the empty text.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from typing import Annotated, Literal

import msgspec

from primanota.core.model import Account, Ledger, Posting, Transaction
from primanota.core.patterns import Glob
from primanota.core.text import comparable

# The texts that each condition is compared with; of several texts, any may match.
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
# More cents than any transaction has.
_MAX_CENTS = 10**18
_COMMON_YEAR = 2001


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """A posting rule: conditions on a transaction, and the ledger account that it is posted to.

    ``min`` and ``max`` bound the amount without its sign, in the account's currency; ``currency`` is the one in which
    it was spent. A transaction of 0.00 is on no ``side``. ``tax`` is a tax key, or one for each VAT rate in percent.
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
        """Refuse a rule that has no account, that can never match, or that has an invalid amount or rate.

        Raises:
            ValueError: the message is a sentence for the user.
        """
        if not self.account.strip():
            raise ValueError("it has no account")
        if self.min_cents > self.max_cents:
            raise ValueError("no amount is on its side and between its min and its max, so it can never match")
        if isinstance(self.tax, dict) and len(self._taxes) < len(self.tax):
            raise ValueError("its tax names a rate twice")

    def __str__(self) -> str:
        conditions = ((name, getattr(self, name)) for name in _CONDITIONS)
        return ", ".join(f"{name} = {value}" for name, value in conditions if value is not None) or "everything"

    @cached_property
    def min_cents(self) -> int:
        """The smallest amount that it matches, in cents without a sign."""
        return max(_cents("min", self.min or Decimal(0)), int(self.side is not None))

    @cached_property
    def max_cents(self) -> int:
        """The greatest amount that it matches, in cents without a sign."""
        return _MAX_CENTS if self.max is None else _cents("max", self.max)

    @cached_property
    def globs(self) -> dict[str, Glob]:
        """Its conditions on texts by their names, without those that every text matches."""
        written = ((name, getattr(self, name)) for name in _TEXTS)
        globs = {name: Glob(text) for name, text in written if text is not None}
        return {name: glob for name, glob in globs.items() if glob.text != _ALL.text}

    def matches(self, cents: int, texts: Mapping[str, Sequence[str]]) -> bool:
        """Return whether a transaction matches: its signed cents, and its texts as :func:`texts_of` returns them."""
        return self.matches_amount(cents) and self.matches_texts(texts)

    def matches_amount(self, cents: int) -> bool:
        """Return whether its conditions on the amount and its sign match."""
        if not self.min_cents <= abs(cents) <= self.max_cents:
            return False
        return not self.side or cents * _SIDES[self.side] >= 0

    def matches_texts(self, texts: Mapping[str, Sequence[str]]) -> bool:
        """Return whether its conditions on texts match; they must be as :func:`texts_of` returns them."""
        return all(any(map(glob.matches, texts[name])) for name, glob in self.globs.items())

    def covers(self, other: "Rule") -> bool:
        """Return whether it certainly matches every transaction that the other rule matches."""
        if (
            self.side not in {None, other.side}
            or self.min_cents > other.min_cents
            or self.max_cents < other.max_cents
        ):
            return False
        return all(glob.covers(other.globs.get(name, _ALL)) for name, glob in self.globs.items())

    def tax_of(self, rate: Decimal | None) -> str:
        """Return the tax key of a VAT rate in percent; empty if the rule has none for it."""
        return self.tax if isinstance(self.tax, str) else self._taxes.get(rate, "")

    @cached_property
    def _taxes(self) -> dict[Decimal | None, str]:
        return {_rate(percent): key for percent, key in self.tax.items()} if isinstance(self.tax, dict) else {}


class Chart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The company's ledger accounts, and what single accounting tools need in addition.

    ``bank`` is the ledger account of its bank accounts, ``banks`` has those of single ones by their IBAN or name.
    ``clearing`` is the account for transactions that no rule matches. ``names`` are the names of ledger accounts.
    ``year_start`` is the first day of the fiscal year, as ``MM-DD``. The other fields are explained at
    :class:`primanota.core.model.Ledger`.
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
        """Refuse an empty account, and a chart, a SIREN or a first day that is not valid.

        Raises:
            ValueError: the message is a sentence for the user.
        """
        if not (self.bank.strip() and self.clearing.strip()):
            raise ValueError("bank and clearing must not be empty")
        if not re.fullmatch(r"(\d{2})?", self.chart, re.ASCII):
            raise ValueError(f"chart: “{self.chart}” is not two digits, like 03 and 04")
        if not re.fullmatch(r"(\d{9})?", self.siren, re.ASCII):
            raise ValueError(f"siren: “{self.siren}” is not nine digits")
        self.fiscal_year_start()

    def fiscal_year_start(self) -> tuple[int, int]:
        """Return the first day of the fiscal year: month and day.

        Raises:
            ValueError: ``year_start`` is not a day that every year has.
        """
        match = re.fullmatch(r"(\d\d)-(\d\d)", self.year_start, re.ASCII)
        with suppress(ValueError):
            if match:
                first = date(_COMMON_YEAR, int(match[1]), int(match[2]))
                return first.month, first.day
        raise ValueError(f"year_start: “{self.year_start}” is not a day that every year has; write it like 04-01")

    def bank_of(self, account: Account) -> str:
        """Return the ledger account of a bank account."""
        return next((number for name, number in self.banks.items() if _is_named(account, name)), self.bank)

    def unknown_banks(self, accounts: Sequence[Account]) -> list[str]:
        """Return the keys of ``banks`` that are neither the name nor the IBAN of any of these accounts."""
        return [name for name in self.banks if not any(_is_named(account, name) for account in accounts)]


class LedgerSettings(msgspec.Struct, frozen=True, dict=True):
    """A company's chart and its rules in order: all that the postings of a transaction depend on."""

    chart: Chart
    rules: tuple[Rule, ...]

    @property
    def text(self) -> str:
        """Return them as JSON; :func:`parse_settings` reads it."""
        return msgspec.json.encode(self).decode()

    def assign(self, row: Transaction) -> tuple[Posting, ...]:
        """Return the postings of a transaction on the other side of the bank's account."""
        texts, cents = tuple(_TEXTS[name](row) for name in self._names), row.amount.cents
        for rule in self._rules_of(texts):
            if rule.matches_amount(cents):
                return _postings(row, rule)
        return _postings(row, self._clearing)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """The names of the conditions on texts that its rules have."""
        return tuple(name for name in _TEXTS if any(name in rule.globs for rule in self.rules))

    @cached_property
    def _rules_of(self) -> Callable[[tuple[tuple[str, ...], ...]], list[Rule]]:
        """The function that finds the rules whose conditions on texts match; it keeps them, as texts return."""

        @lru_cache(maxsize=4096)
        def rules_of(texts: tuple[tuple[str, ...], ...]) -> list[Rule]:
            found = {name: list(map(comparable, some)) for name, some in zip(self._names, texts, strict=True)}
            return [rule for rule in self.rules if rule.matches_texts(found)]

        return rules_of

    @cached_property
    def _clearing(self) -> Rule:
        return Rule(account=self.chart.clearing)


def parse_settings(text: str) -> LedgerSettings:
    """Read the text of ledger settings.

    Raises:
        ValueError: it was written by a version with other settings, or is damaged.
    """
    return msgspec.json.decode(text, type=LedgerSettings)


def ledger(chart: Chart, rules: Sequence[Rule], account: Account) -> Ledger:
    """Return a bank account's ledger: its own ledger account, and the postings of each of its transactions."""
    settings = LedgerSettings(chart, tuple(rules))
    return Ledger(
        bank=chart.bank_of(account),
        assign=settings.assign,
        count=lambda row: len(_by_rate(row)),
        names=chart.names,
        year_start=chart.fiscal_year_start(),
        account_length=chart.account_length,
        consultant=chart.consultant,
        client=chart.client,
        chart=chart.chart,
        siren=chart.siren,
        journal=chart.journal,
        settings=settings.text,
    )


def matching_rule(rules: Sequence[Rule], row: Transaction) -> int | None:
    """Return the place, from 0, of the first rule that matches a transaction; None if no rule does."""
    cents, texts = row.amount.cents, texts_of(row)
    for place, rule in enumerate(rules):
        if rule.matches(cents, texts):
            return place
    return None


def texts_of(row: Transaction) -> Mapping[str, tuple[str, ...]]:
    """Return the texts that conditions are compared with, by the names of the conditions."""
    return _TextsOfConditions(row)


class _TextsOfConditions(dict[str, tuple[str, ...]]):
    """The texts of a transaction by the names of the conditions, each made when a rule asks for it."""

    def __init__(self, row: Transaction) -> None:
        super().__init__()
        self._row = row

    def __missing__(self, name: str) -> tuple[str, ...]:
        found = self[name] = tuple(map(comparable, _TEXTS[name](self._row)))
        return found


def unreachable(rules: Sequence[Rule]) -> Iterator[tuple[int, int]]:
    """Yield the rules that can never match: the place of each, and of the earlier rule that covers it."""
    for place, rule in enumerate(rules):
        for earlier in range(place):
            if rules[earlier].covers(rule):
                yield place, earlier
                break


def _postings(row: Transaction, rule: Rule) -> tuple[Posting, ...]:
    return tuple(
        Posting(rule.account, cents, rule.tax_of(rate), rule.cost_centre, rule.text)
        for rate, cents in _by_rate(row).items()
    )


def _by_rate(row: Transaction) -> dict[Decimal | None, int]:
    """Return the cents for each VAT rate; all of them under None if the bank's VAT parts are not the whole amount."""
    cents = row.amount.cents
    parts: dict[Decimal | None, int] = {}
    for part in row.vat:
        if part.gross:
            parts[part.rate] = parts.get(part.rate, 0) + part.gross
    whole = parts and sum(parts.values()) == cents and all(part * cents > 0 for part in parts.values())
    return parts if whole else {None: cents}


def _cents(name: str, amount: Decimal) -> int:
    if not amount.is_finite() or not 0 <= amount <= _MAX_CENTS // 100 or amount * 100 % 1:
        raise ValueError(f"{name}: “{amount}” is not an amount without a sign, like 12.50")
    return int(amount * 100)


def _rate(text: str) -> Decimal:
    with suppress(InvalidOperation):
        rate = Decimal(text)
        if rate.is_finite():
            return rate
    raise ValueError(f"tax: “{text}” is not a rate in percent, like 19 or 5.5")


def _is_named(account: Account, name: str) -> bool:
    word = comparable(name)
    return word == comparable(account.name) or (
        bool(account.iban) and word.replace(" ", "") == comparable(account.iban)
    )
