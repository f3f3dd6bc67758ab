"""The ledgers of an organisation's accounts: by the present settings, or by those of an earlier export."""

from collections.abc import Callable
from contextlib import suppress

from primanota.book import Batches
from primanota.core.model import Account, Ledger, Posting, Transaction
from primanota.core.posting_rules import parse_settings
from primanota.core.results import Batch

Ledgers = Callable[[Account], Ledger | None]
Assign = Callable[[Transaction], tuple[Posting, ...]]


def no_ledger(_: Account) -> None:
    """Return None: the default if the settings have no ledger accounts."""


def assign_of(batch: Batch, batches: Batches, account: Account, ledger_of: Ledgers) -> Assign | None:
    """Return the function that made the postings of a batch.

    Where the book does not have the settings of that export, it is that of the present ones; None if there are none.
    """
    with suppress(ValueError):
        if text := batches.ledger_text(batch.ledger_digest):
            return parse_settings(text).assign
    ledger = ledger_of(account)
    return ledger.assign if ledger else None
