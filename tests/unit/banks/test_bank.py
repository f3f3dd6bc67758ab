"""The company and its lists: what cannot be read is said, in a sentence."""

from collections.abc import Callable

import httpx2
import pytest

from primanota.banks.qonto.bank import Bank
from primanota.banks.qonto.client import Client
from primanota.core.errors import NotProven
from primanota.core.secret import Credentials, Secret
from tests.support.clock import Clock
from tests.support.simulator_client import LOOPBACK


def _bank(clock: Clock, answer: object) -> tuple[Client, Bank]:
    transport = httpx2.MockTransport(lambda _request: httpx2.Response(200, json=answer))
    client = Client(Credentials("acme", Secret("s3cr3t")), api_url=LOOPBACK, transport=transport)
    return client, Bank(client, clock)


def test_accounts_of_the_organisation_and_of_the_list(clock: Clock) -> None:
    """The accounts are those that the organisation names, and after them those that only the list has."""
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
        {"organization": {"id": "o", "slug": "acme", "bank_accounts": None}},
        {"organization": {"id": "o", "slug": "acme", "bank_accounts": [{"name": "no id"}]}},
        {"organization": {"id": "o", "slug": "acme", "bank_accounts": [{"id": "a", "balance_cents": "much"}]}},
        {"organization": []},
    ],
)
def test_an_organisation_that_cannot_be_read(clock: Clock, answer: object) -> None:
    """An organisation without what a book needs is said to be unreadable; it is no mistake of ours."""
    client, bank = _bank(clock, answer)
    with client, pytest.raises(NotProven, match="organization"):
        bank.organisation()


@pytest.mark.parametrize("row", [{"first_name": "Anna"}, {"id": None}, "Anna", 5])
@pytest.mark.parametrize("read", [Bank.members, Bank.labels])
def test_a_list_with_a_row_that_has_no_id(clock: Clock, row: object, read: Callable[[Bank], object]) -> None:
    """A list with a row that nobody can name is said to be unreadable."""
    answer = {"memberships": [row], "labels": [], "meta": {"current_page": 1, "total_count": 1}}
    client, bank = _bank(clock, answer)
    with client, pytest.raises(NotProven, match="/v2/"):
        read(bank)
