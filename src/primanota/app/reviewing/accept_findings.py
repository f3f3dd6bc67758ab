"""Put findings away, and take that back."""

from collections.abc import Callable, Collection, Iterable
from datetime import date

from primanota.app.progress import Silent
from primanota.app.reviewing.review import Review
from primanota.book import Batches
from primanota.book.acceptances import Acceptances
from primanota.book.journal import Journal
from primanota.book.rows.row_ids import RowIds
from primanota.core.errors import InvalidInput
from primanota.core.reasons import Acceptance
from primanota.core.results import CAN_WAIT, Finding
from primanota.core.short_ids import whole_id
from primanota.core.text import visible
from primanota.export.ledgers import Ledgers, no_ledger

_LOOK = "Look at “primanota review”, or “primanota review --accepted”."


def accept(
    journal: Journal,
    ids: Iterable[str],
    today: date,
    ledger_of: Ledgers = no_ledger,
    *,
    kinds: Collection[str] = (),
    note: str = "",
) -> list[Finding]:
    """Put findings of rows away: they are not shown again until the row is another case than it is now.

    Args:
        journal: the book.
        ids: the ids of the rows, or their first letters.
        today: the local day.
        ledger_of: returns an account's present ledger.
        kinds: the kinds of the findings; without any, those that cannot wait, or else all of a row.
        note: why, in the user's words.

    Returns:
        What was put away.

    Raises:
        InvalidInput: a row has no such finding, or a word may mean several rows. Then nothing is put away.
    """
    journal.bring_up_to_date(Silent())
    book = journal.book
    with book.run("review accept"), book.writing():
        review, done = Review(journal, today, None, ledger_of), dict[str, list[Finding]]()
        for word in ids:
            key = _row(journal, word, review.of_row, "is to be looked at, or it is put away already")
            done[key] = _chosen(review.of_row(key), kinds)
            if not done[key]:
                raise InvalidInput(f"Nothing of this kind is to be looked at of {_name(journal, key)}.", _LOOK)
        made, stored = Batches(book).now(), Acceptances(book)
        for key, findings in done.items():
            (seq,) = next(book.rows("SELECT seq FROM latest WHERE kind = 'transaction' AND id = ?", key))
            names = dict.fromkeys(finding.kind for finding in findings)
            stored.add(key, (Acceptance(kind, seq, made, note) for kind in names))
    return [finding for findings in done.values() for finding in findings]


def reopen(journal: Journal, ids: Iterable[str], today: date, ledger_of: Ledgers = no_ledger) -> list[Finding]:
    """Take back that findings of rows were put away; arguments as for ``accept``.

    Returns:
        What is shown again.

    Raises:
        InvalidInput: nothing of a row is put away, or a word may mean several rows. Then nothing is taken back.
    """
    journal.bring_up_to_date(Silent())
    book = journal.book
    with book.run("review reopen"), book.writing():
        put_away: dict[str, list[Finding]] = {}
        for finding in Review(journal, today, None, ledger_of).accepted():
            put_away.setdefault(finding.transaction.id, []).append(finding)
        found = (_row(journal, word, lambda key: put_away.get(key, []), "is put away") for word in ids)
        keys = dict.fromkeys(found)
        for key in keys:
            Acceptances(book).withdraw(key)
    return [finding for key in keys for finding in put_away[key]]


def _row(journal: Journal, word: str, findings_of: Callable[[str], list[Finding]], what: str) -> str:
    """Return the id of the row that is meant by its first letters, among those that have such findings.

    Raises:
        InvalidInput: no row, or several rows are meant.
    """
    begun = RowIds(journal.book).beginning_with(word)
    found = [key for key in begun if findings_of(key)]
    key = whole_id(word, found, "rows", lambda one: _name(journal, one))
    if key:
        return key
    if whole := whole_id(word, begun, "rows", lambda one: _name(journal, one)):
        raise InvalidInput(f"Nothing of {_name(journal, whole)} {what}.", _LOOK)
    raise InvalidInput(f"No row has an id that begins with “{visible(word)}”.", _LOOK)


def _chosen(findings: list[Finding], kinds: Collection[str]) -> list[Finding]:
    if kinds:
        return [finding for finding in findings if finding.kind in kinds]
    return [finding for finding in findings if finding.kind not in CAN_WAIT] or findings


def _name(journal: Journal, key: str) -> str:
    """Return what a person knows a row by."""
    return f"{RowIds(journal.book).short(key)} ({journal.row(key).title})"
