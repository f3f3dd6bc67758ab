"""Whether an account is proven as far as an export reaches, by the verdict of the last sync."""

from collections.abc import Iterable

from primanota.book import Book
from primanota.core.advice import read_again, read_on
from primanota.core.errors import NotProven
from primanota.core.model import Account
from primanota.core.period import END_OF_TIME
from primanota.core.proof_state import SETTLED, ProofState, State

_ADVICE = "or export with --allow-unproven."


def reached_state(account: Account, found: ProofState, end: int, *, allow_unproven: bool) -> State:
    """Return the state of the proof of rows that settled before a moment.

    Args:
        account: the account.
        found: how far the last sync proved it.
        end: the end of the selection, or the present if that is earlier (microseconds UTC); 0 if it has no end that
            matters and no rows.
        allow_unproven: do not refuse rows that are not proven.

    Raises:
        NotProven: the rows reach beyond the moment up to which the account is proven.
    """
    if found.state in SETTLED or (found.state == "gone" and _is_within(found, end)):
        return found.state
    if found.state != "unread" and _is_within(found, end):
        return "proven"
    if not allow_unproven:
        raise NotProven(*_sentences(account, found))
    return "doubtful" if found.state == "gone" else found.state


def require_read(book: Book, accounts: Iterable[Account], hint: str = "Run “primanota sync”.") -> None:
    """Refuse accounts that were never read whole.

    Raises:
        NotProven: the message names all such accounts.
    """
    if unread := [account.name for account in accounts if book.proof_state(account.id).state == "unread"]:
        raise NotProven(f"Not proven complete, never read whole (unread): {', '.join(unread)}.", hint)


def limit_of(found: ProofState) -> int:
    """Return the moment (microseconds UTC) before which rows can be in a file; only a gone account has one."""
    return found.until or 0 if found.state == "gone" else END_OF_TIME


def _is_within(found: ProofState, end: int) -> bool:
    return not end or (found.until is not None and end <= found.until)


def _sentences(account: Account, found: ProofState) -> tuple[str, str]:
    """Return what is wrong with an account's proof, and what to do."""
    reasons = f": {'; '.join(found.reasons)}" if found.reasons else ""
    match found.state:
        case "gone":
            return (
                f"{account.name} is not proven (gone): the bank no longer shows it, nor its newest rows.",
                f"Choose an earlier period, {_ADVICE}",
            )
        case "unread":
            return (
                f"{account.name} is not proven (unread): it was never read whole.",
                f"{read_on(account)}, {_ADVICE}",
            )
        case state:
            return (
                f"{account.name} is not proven ({state}){reasons}.",
                f"{read_again(account)}, choose an earlier period, {_ADVICE}",
            )
