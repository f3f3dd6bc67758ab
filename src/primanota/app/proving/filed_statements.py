"""Prove an account of files: its rows by their balances, and by the balances that its statements state."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby, pairwise
from operator import attrgetter
from typing import NamedTuple

import msgspec

from primanota import banks
from primanota.book import Book, BookedRow
from primanota.core.balance_chain import Chain, Proof, prove
from primanota.core.chain_order import in_order
from primanota.core.model import Account, decimal_text
from primanota.core.notice import Notice
from primanota.core.period import moment

_SETTLED = attrgetter("settled")


class FiledProof(NamedTuple):
    """What is proven of an account of files, and the last day of its statements."""

    proof: Proof
    last: date


def spans_of(book: Book, account: str, files: banks.StatementFiles) -> list[banks.StatedSpan]:
    """Return the statements by which an account was read, in the order of their days."""
    return sorted(map(files.span, book.filed_statements(account)), key=order)


def order(span: banks.StatedSpan) -> tuple[date, date, int]:
    """Return the place of a statement among those of its account: by its end, its beginning, and its number."""
    return span.last, span.first, span.number or 0


def first_of(spans: Iterable[banks.StatedSpan]) -> banks.StatedSpan:
    """Return the statement with which an account begins."""
    return min(spans, key=lambda one: (one.first, one.number or 0, one.last))


def prove_filed(book: Book, account: str) -> FiledProof:
    """Prove an account of files from the book alone: rows against rows, and rows against statements.

    Args:
        book: the book; the account has at least one statement in it.
        account: the id of the account.
    """
    spans, chain = spans_of(book, account, banks.statement_files()), book.chain(account)
    found = prove(account, chain, spans[-1].closing, {}, {})
    holes = [*_holes(chain, spans)]
    others = [reason for reason in found.reasons if not chain.gaps or reason != found.reasons[0]]
    differing = [*_differing(book, account, spans)]
    reasons = (*holes, *others, *(one for one in differing if not found.reasons))
    return FiledProof(msgspec.structs.replace(found, reasons=reasons), spans[-1].last)


def missing_numbers(account: Account, spans: list[banks.StatedSpan]) -> Iterator[Notice]:
    """Yield a note for each step by more than one in the numbers of statements that follow each other in a year."""
    if any(after.first < before.last for before, after in pairwise(spans)):
        return  # series of days and of months, each with numbers of its own
    for before, after in pairwise(spans):
        of_one_year = before.last.year == after.last.year
        if of_one_year and before.number and after.number and after.number > before.number + 1:
            yield Notice.of(
                "statement_numbers",
                account=account.name,
                before=f"{before.number}",
                after=f"{after.number}",
                day=before.last,
                next=after.first,
            )


def _holes(chain: Chain, spans: list[banks.StatedSpan]) -> Iterator[str]:
    """Yield a sentence for each gap of the rows, with the statements between which it lies."""
    for gap in chain.gaps:
        day = moment(gap.after_settled).date()
        after = next((one for one in spans if one.first <= day <= one.last), None)
        earlier = [one.last for one in spans if after and one.last <= after.first and one is not after]
        if after is None or not earlier:
            yield str(gap)
            continue
        missing = decimal_text(gap.missing, ".")
        yield f"{missing} are missing between the statement up to {max(earlier)} and the one from {after.first}"


def _differing(book: Book, account: str, spans: list[banks.StatedSpan]) -> Iterator[str]:
    """Yield a sentence for each statement to whose closing balance no row of its last day leads."""
    days = _balances_by_day(book.booked_rows(account), book.brought_forward(account))
    reached, following = [book.brought_forward(account)], next(days, None)
    for day, stated in groupby(spans, attrgetter("last")):
        while following and following[0] <= day:
            reached, following = following[1], next(days, None)
        for one in stated:
            if one.closing not in reached:
                closing, made = (decimal_text(cents, ".") for cents in (one.closing, reached[-1]))
                yield f"the statement up to {day} closes with {closing}, and the rows lead to {made}"


def _balances_by_day(rows: Iterable[BookedRow], balance: int) -> Iterator[tuple[date, list[int]]]:
    """Yield each day with rows, and the balances before and after each of them."""
    for settled, some in groupby(rows, _SETTLED):
        found = [balance]
        for row in in_order([*some], balance):
            found.append(found[-1] if row.balance is None else row.balance)
        balance = found[-1]
        yield moment(settled).date(), found


def day_after(day: date) -> date:
    """Return the next day."""
    return day + timedelta(days=1)
