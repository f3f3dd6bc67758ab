"""Qonto's receipts and statements: which there are, with fresh links, and their bytes."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from primanota.banks.files import OfferedReceipt, OfferedStatement
from primanota.banks.qonto.decoding.attachments import AttachmentsAnswer, StatementAnswer, offered_statement
from primanota.banks.qonto.http.request import Request
from primanota.core.errors import BankRefused, NotProven

if TYPE_CHECKING:
    from collections.abc import Callable

    from primanota.banks.qonto.http.client import Client
    from primanota.core.model import RawRecord

_TRANSACTIONS, STATEMENTS = "/v2/transactions", "/v2/statements"
_NOT_FOUND = 404


class QontoFiles:
    """The files that one API key can read; see ``BankFiles``.

    Args:
        client: the bank's API, and the hosts of its files.
        list_items: reads every item of a paged list.
    """

    def __init__(self, client: "Client", list_items: "Callable[[str], list[RawRecord]]") -> None:
        self._client = client
        self._list_items = list_items

    def receipts(self, transaction: str) -> list[OfferedReceipt]:
        """Return the receipts of a transaction, with fresh links; none of one that the bank no longer has."""
        request = Request(f"{_TRANSACTIONS}/{quote(transaction, safe='')}/attachments")
        try:
            return self._client.get(request, AttachmentsAnswer).receipts
        except BankRefused as refusal:
            if refusal.status == _NOT_FOUND:
                return []
            raise

    def statements(self) -> list[OfferedStatement]:
        """Return all statements, with fresh links."""
        found = (_offered(record.body, STATEMENTS) for record in self._list_items(STATEMENTS))
        return [one for one in found if one]

    def statement(self, key: str) -> OfferedStatement | None:
        """Return a statement with a fresh link; None if the bank no longer offers it."""
        path = f"{STATEMENTS}/{quote(key, safe='')}"
        try:
            return _offered(bytes(self._client.get(Request(path), StatementAnswer).statement), path)
        except BankRefused as refusal:
            if refusal.status == _NOT_FOUND:
                return None
            raise

    def content(self, link: str) -> AbstractContextManager[Iterator[bytes]]:
        """Return the pieces of a file, as they arrive."""
        return self._client.files.opened(link)


def _offered(body: bytes, path: str) -> OfferedStatement | None:
    try:
        return offered_statement(body)
    except msgspec.DecodeError as error:
        raise NotProven(f"The bank's answer to {path} cannot be read: {error}.", "Please report it.") from None
