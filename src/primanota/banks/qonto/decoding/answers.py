"""The envelopes of the bank's answers: pages, lists and counts, with what they contain left as raw JSON. Pure.

Sources: Qonto's documentation of transactions, organization, bank accounts, memberships and labels.
"""

from typing import Annotated, Any

import msgspec

from primanota.banks.qonto.decoding.flawed_values import LONGEST_ID
from primanota.core.model import RawRecord

# Fields of a membership that a book does not need: they are removed before the member is stored.
_PRIVATE = {"birthdate", "nationality", "birth_country", "residence_country", "ubo"}

_LARGEST_COUNT = 2**53


class Meta(msgspec.Struct):
    """The paging of a list. Some lists leave fields out, so only the first two are required.

    A count that no list can have is not decoded.
    """

    current_page: int
    total_count: Annotated[int, msgspec.Meta(le=_LARGEST_COUNT)]
    per_page: int = 100


class TransactionsPage(msgspec.Struct):
    """One page of ``/v2/transactions``, its rows as raw JSON."""

    meta: Meta
    transactions: list[msgspec.Raw]


class ListPage(msgspec.Struct):
    """One page of a list, which has its rows under a key of its own: see ``LIST_PAGES``."""

    rows: list[msgspec.Raw]
    meta: Meta | None = None


class _AccountsPage(ListPage, kw_only=True, rename={"rows": "bank_accounts"}):
    """A page of ``/v2/bank_accounts``."""

    rows: list[msgspec.Raw]


class _MembersPage(ListPage, kw_only=True, rename={"rows": "memberships"}):
    """A page of ``/v2/memberships``."""

    rows: list[msgspec.Raw]


class _LabelsPage(ListPage, kw_only=True, rename={"rows": "labels"}):
    """A page of ``/v2/labels``."""

    rows: list[msgspec.Raw]


class _StatementsPage(ListPage, kw_only=True, rename={"rows": "statements"}):
    """A page of ``/v2/statements``."""

    rows: list[msgspec.Raw]


# The pages of each list by its path. An answer without the list's key is no page, not an empty one.
LIST_PAGES: dict[str, type[ListPage]] = {
    "/v2/bank_accounts": _AccountsPage,
    "/v2/memberships": _MembersPage,
    "/v2/labels": _LabelsPage,
    "/v2/statements": _StatementsPage,
}


class OrganisationAnswer(msgspec.Struct):
    """The answer of ``/v2/organization``, as raw JSON."""

    organization: msgspec.Raw


class _Identified(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ID)]


def list_item(raw: msgspec.Raw) -> RawRecord:
    """Return a member, a label or an account as the book stores it, without a member's private fields.

    Raises:
        msgspec.DecodeError: it is not an object, or does not have an id of a usual length.
    """
    key = msgspec.json.decode(raw, type=_Identified).id
    body: dict[str, Any] = msgspec.json.decode(raw)
    if _PRIVATE & body.keys():
        body = {key: value for key, value in body.items() if key not in _PRIVATE}
        return RawRecord(id=key, body=msgspec.json.encode(body))
    return RawRecord(id=key, body=bytes(raw))
