"""The organisation and its lists: an answer that cannot be read is an error with a sentence."""

from collections.abc import Callable

import httpx2
import pytest

from primanota.banks.qonto.bank import QontoBank
from primanota.banks.qonto.http.client import Client
from primanota.core.errors import NotProven
from primanota.core.secret import Credentials, Secret
from tests.support.banks.simulator_client import LOOPBACK
from tests.support.clock import Clock


def _bank(clock: Clock, answer: object) -> tuple[Client, QontoBank]:
    transport = httpx2.MockTransport(lambda _request: httpx2.Response(200, json=answer))
    client = Client(Credentials("acme", Secret("s3cr3t")), api_url=LOOPBACK, transport=transport)
    return client, QontoBank(client, clock)


def test_accounts_of_the_organisation_and_of_the_list(clock: Clock) -> None:
    """The accounts are those of the organisation, and after them those that only the list has."""
    answer = {
        "organization": {"id": "o", "slug": "acme", "bank_accounts": [{"id": "a"}, {"id": "b"}]},
        "bank_accounts": [{"id": "b"}, {"id": "c"}],
        "meta": {"current_page": 1, "total_count": 2},
    }
    client, bank = _bank(clock, answer)
    with client:
        assert [record.id for record in bank.accounts(bank.organisation())] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "answer",
    [
        {"organization": {"slug": "acme"}},
        {"organization": {"id": "o", "slug": "acme"}},
        {"organization": {"id": "o", "slug": "acme", "bank_accounts": None}},
        {"organization": {"id": "o", "slug": "acme", "bank_accounts": [{"name": "no id"}]}},
        {"organization": {"id": "o", "slug": "acme", "bank_accounts": [{"id": "a", "balance_cents": "much"}]}},
        {"organization": []},
    ],
)
def test_an_organisation_that_cannot_be_read(clock: Clock, answer: object) -> None:
    """An organisation without a field that the book needs is reported as unreadable, not as a bug."""
    client, bank = _bank(clock, answer)
    with client, pytest.raises(NotProven, match="organization"):
        bank.organisation()


@pytest.mark.parametrize("accounts", [None, [5], [{"name": "no id"}], [{"id": "a", "balance_cents": []}]])
def test_a_status_that_cannot_be_read(clock: Clock, accounts: object) -> None:
    """A later answer with the organisation may be unreadable as well: it is reported, not taken for a bug."""
    answer = {
        "organization": {"id": "o", "slug": "acme", "bank_accounts": accounts},
        "transactions": [],
        "meta": {"current_page": 1, "total_count": 0},
    }
    client, bank = _bank(clock, answer)
    with client, pytest.raises(NotProven, match="/v2/organization"):
        bank.account_status("a")


@pytest.mark.parametrize("row", [{"first_name": "Anna"}, {"id": None}, "Anna", 5])
@pytest.mark.parametrize("read", [QontoBank.members, QontoBank.labels])
def test_a_list_with_a_row_that_has_no_id(clock: Clock, row: object, read: Callable[[QontoBank], object]) -> None:
    """A list with an item without an id is reported as unreadable."""
    answer = {"memberships": [row], "labels": [], "meta": {"current_page": 1, "total_count": 1}}
    client, bank = _bank(clock, answer)
    with client, pytest.raises(NotProven, match="/v2/"):
        read(bank)


@pytest.mark.parametrize(
    "answer", [{}, {"errors": [{"code": "oops"}]}, {"meta": {"current_page": 1, "total_count": 0}}]
)
@pytest.mark.parametrize(
    "read",
    [
        QontoBank.members,
        QontoBank.labels,
        lambda bank: bank.accounts(b'{"bank_accounts": []}'),
        lambda bank: bank.files.statements(),
    ],
)
def test_an_answer_without_the_list(clock: Clock, answer: object, read: Callable[[QontoBank], object]) -> None:
    """An answer without the list that was asked for is unreadable, and not an empty list."""
    client, bank = _bank(clock, answer)
    with client, pytest.raises(NotProven, match="/v2/"):
        read(bank)
