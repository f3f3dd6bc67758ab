"""Numbers and sums of a statement's entries, held against those that it states (``TxsSummry``). Pure."""

from primanota.banks.camt.errors import UnreadableFile
from primanota.banks.camt.fields import cents_of
from primanota.banks.camt.xml_tree import Element
from primanota.core.model import COMPLETED, decimal_text

_CREDIT = "CRDT"


class EntrySums:
    """Counts the entries of a statement, and adds up the booked ones.

    Args:
        name: the bank's id of the statement, for errors.
        currency: the currency of its account.
    """

    def __init__(self, name: str, currency: str) -> None:
        self._name = name
        self._currency = currency
        self._entries = 0
        self._booked = {True: [0, 0], False: [0, 0]}  # numbers and cents, of credits and of debits

    def add(self, entry: Element, status: str, cents: int) -> None:
        """Add an entry with its status and its signed cents."""
        self._entries += 1
        if status == COMPLETED:
            sums = self._booked[entry.value("CdtDbtInd") == _CREDIT]
            sums[0] += 1
            sums[1] += abs(cents)

    def check(self, summary: Element | None) -> None:
        """Refuse a summary that states other numbers or sums; entries that are not booked may be counted or not.

        Raises:
            UnreadableFile: a number or a sum is another one.
        """
        credits_, debits = self._booked[True], self._booked[False]
        both = [one + other for one, other in zip(credits_, debits, strict=True)]
        if summary is None or both[0] != self._entries:
            return
        for path, (number, cents) in (("TtlNtries", both), ("TtlCdtNtries", credits_), ("TtlDbtNtries", debits)):
            for total in summary.each(path):
                self._compare(total, number, cents)

    def _compare(self, total: Element, number: int, cents: int) -> None:
        stated, place = total.value("NbOfNtries"), f"in {total.name}, and has"
        if stated and (not stated.isdecimal() or int(stated) != number):
            what = f"statement {self._name} states {stated[:20]} entries {place} {number}"
            raise UnreadableFile(what, total.line)
        found = total.find("Sum")
        if found is None:
            return
        amount = Element(found.name, {"Ccy": self._currency}, found.line)
        amount.text = found.text
        if cents_of(amount, self._currency) != cents:
            what = f"statement {self._name} states a sum of {found.text[:20]} {place} {decimal_text(cents, '.')}"
            raise UnreadableFile(what, total.line)
