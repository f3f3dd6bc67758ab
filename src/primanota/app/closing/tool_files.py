"""The files of an accounting tool for a month, as an export of it would write them; nothing is recorded of them."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import count
from typing import NamedTuple

from primanota.book.journal import Journal
from primanota.core.model import Account
from primanota.core.period import Period
from primanota.export.build import build
from primanota.export.filenames import FileNames
from primanota.export.ledgers import Ledgers
from primanota.export.payload import Payload
from primanota.export.select import Export, account_groups, prove_span, select
from primanota.profiles import Profile

_PIECE = 1 << 18


class ToolFile(NamedTuple):
    """A rendered file: its name, the ids of the accounts whose rows it has, its bytes."""

    name: str
    accounts: tuple[str, ...]
    pieces: Iterator[bytes]


def tool_files(
    journal: Journal,
    tool: Profile,
    period: Period,
    accounts: Iterable[Account],
    ledger_of: Ledgers,
    documents: Mapping[str, str],
    newest_batch: int,
) -> Iterator[ToolFile]:
    """Yield the files of a month, each checked by the rules of the tool; inside the book's ``writing``.

    The caller reads each file before it asks for the next one.

    Args:
        journal: the book.
        tool: the profile.
        period: the month.
        accounts: the accounts.
        ledger_of: returns the ledger accounts of an account.
        documents: the GUIDs of documents of rows, by the ids of the rows.
        newest_batch: the last batch that numbers of statements follow.

    Raises:
        FormatRuleViolated: a row breaks a rule of the tool.
    """
    accounts = list(accounts)
    unlimited = frozenset(account.id for account in accounts)
    request = Export(
        journal,
        tool,
        period,
        ledger_of,
        unlimited=unlimited,
        documents=documents,
        newest_batch=newest_batch,
    )
    groups = account_groups(request, accounts)
    names, numbers = FileNames(tool, groups, None, known=journal.accounts()), count(1)
    for group in groups:
        with select(request, group) as rows:
            span = prove_span(request, group, rows, allow_unproven=True)
            for file in build(request, group, rows, span, names, numbers):
                yield ToolFile(file.path.name, tuple(group.ids), _inflated(file.payload))


def _inflated(payload: Payload) -> Iterator[bytes]:
    inflate = zlib.decompressobj()
    with closing(payload.compressed) as compressed:
        while piece := compressed.read(_PIECE):
            yield inflate.decompress(piece)
    yield inflate.flush()
