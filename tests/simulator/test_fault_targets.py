"""Faults that are given a row and an account: first, last, middle and only rows, of any account."""

from collections.abc import Callable

import pytest

from primanota.simulator import FAULTS, Simulator, parse_fault
from primanota.simulator.faults.catalogue import ACCOUNT_FAULTS, PAGE_ROW_FAULTS, STORED_ROW_FAULTS
from tests.simulator.api_client import ApiClient, ManualClock, OpenClient, Params, Row
from tests.simulator.fault_checks import BY_CREATION

ACCOUNTS = ("main", "savings", "closed", "external")
UPWARDS: Params = {"sort_by": "settled_at:asc", "status[]": "completed"}
ODD: dict[str, Callable[[Row], bool]] = {
    "broken-cents": lambda row: round(row["amount"] * 100) == row["amount_cents"] + 1,
    "row-without-id": lambda row: "id" not in row,
    "amount-missing": lambda row: "amount" not in row,
    "bad-date": lambda row: row["settled_at"].startswith("2026-13"),
}


def settled(client: ApiClient, account: str) -> list[Row]:
    """Return an account's settled rows as they are served, the earliest first."""
    return client.all_rows(UPWARDS, account)


@pytest.mark.parametrize("place", ["first", "middle", "last"])
@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("fault", sorted(STORED_ROW_FAULTS))
def test_a_row_of_any_account(open_client: OpenClient, fault: str, account: str, place: str) -> None:
    """The fault strikes the first, the middle or the last settled row of the named account, and no other row."""
    plain = open_client()
    client = open_client(faults=[f"{fault}@{place}:{account}"])
    for name, account_id in zip(ACCOUNTS, client.bank.account_ids(), strict=True):
        right, served = settled(plain, account_id), settled(client, account_id)
        if name != account:
            assert served == right
            continue
        number = {"first": 0, "middle": len(right) // 2, "last": len(right) - 1}[place]
        if fault in ODD:
            assert [ODD[fault](row) for row in served].index(True) == number
            assert sum(map(ODD[fault], served)) == 1
        else:
            assert served == right[:number] + right[number + 1 :]


@pytest.mark.parametrize("fault", sorted(STORED_ROW_FAULTS))
@pytest.mark.parametrize("place", ["", "@only", "@first", "@last"])
def test_the_only_row(open_client: OpenClient, fault: str, place: str) -> None:
    """The only settled row of an account is struck, whatever row is named; “only” strikes no other account."""
    client = open_client(size=0, faults=[f"{fault}{place}:savings"])
    savings = client.bank.account_ids()[1]
    client.bank.arrive(1, savings)
    served = client.rows(account=savings)
    assert list(map(ODD[fault], served)) == [True] if fault in ODD else served == []
    many = open_client(faults=[f"{fault}@only:savings"])
    assert settled(many, savings) == settled(open_client(), savings)


def test_a_row_stays_the_same(open_client: OpenClient) -> None:
    """A fault of the last row strikes that row for good, also when later rows arrive."""
    client = open_client(faults=["balance-gap@last"])
    hidden = next(iter(client.simulator._state.faults.rows("balance-gap")))
    client.clock.advance(minutes=1)
    new = client.bank.arrive(1)
    assert client.rows()[0]["id"] == new[0]
    assert client.get(f"/v2/transactions/{client.bank.serializer.uuid(hidden)}").status_code == 404


def test_a_row_of_every_account(open_client: OpenClient) -> None:
    """With the account “all” a fault strikes one row of each."""
    client = open_client(faults=["bad-date@first:all"])
    for account in client.bank.account_ids():
        assert [ODD["bad-date"](row) for row in settled(client, account)].count(True) == 1


def test_several_targets_of_one_fault(open_client: OpenClient) -> None:
    """A fault may be given several times, with other rows and accounts."""
    client = open_client(faults=["bad-date@first", "bad-date@last", "bad-date@middle:savings"])
    counts = [[ODD["bad-date"](row) for row in settled(client, one)].count(True) for one in client.bank.account_ids()]
    assert counts == [2, 1, 0, 0]


@pytest.mark.parametrize("place", ["first", "middle", "last"])
@pytest.mark.parametrize("fault", sorted(PAGE_ROW_FAULTS))
def test_a_row_of_a_page(open_client: OpenClient, fault: str, place: str) -> None:
    """The fault strikes the first, the middle or the last row of a page of the named account."""
    client, plain = open_client(faults=[f"{fault}@{place}:savings"]), open_client()
    main, savings, *_ = client.bank.account_ids()
    assert client.rows(BY_CREATION, main) == plain.rows(BY_CREATION, main)
    right, served = plain.rows(BY_CREATION, savings), client.rows(BY_CREATION, savings)
    number = {"first": 0, "middle": len(right) // 2, "last": len(right) - 1}[place]
    if fault == "row-missing-once":
        assert served == right[:number] + right[number + 1 :]
    elif fault == "rows-outside-filter":
        assert [row["bank_account_id"] == savings for row in served].index(False) == number
    else:
        assert served[:number] + served[number + 1 :] == right[:number] + right[number + 1 :]
        assert served[number] == (right[0] if number else right[-1])


@pytest.mark.parametrize("fault", sorted(PAGE_ROW_FAULTS))
def test_the_only_row_of_a_page(open_client: OpenClient, fault: str) -> None:
    """With “only” a fault strikes the only row of a page, and no page with more."""
    client = open_client(faults=[f"{fault}@only"])
    assert len({row["id"] for row in client.rows()}) == 100
    served = client.rows({"per_page": 1})
    expected = {"row-missing-once": 0, "row-twice-once": 2, "row-twice-always": 2, "rows-outside-filter": 1}
    assert len(served) == expected[fault]
    assert all((row["bank_account_id"] != client.main) == (fault == "rows-outside-filter") for row in served)


@pytest.mark.parametrize(
    "fault", sorted(ACCOUNT_FAULTS - {"balance-wrong", "wrong-page", "wrong-page-always", "account-unlisted"})
)
def test_lists_of_one_account(open_client: OpenClient, fault: str) -> None:
    """A fault of an account strikes the lists of that account alone."""
    client, plain = open_client(faults=[f"{fault}:savings"]), open_client()
    main, savings, *_ = client.bank.account_ids()
    assert client.list_transactions(account=main).json() == plain.list_transactions(account=main).json()
    assert client.list_transactions(account=savings).json() != plain.list_transactions(account=savings).json()


@pytest.mark.parametrize("fault", ["wrong-page", "wrong-page-always"])
def test_pages_of_one_account(open_client: OpenClient, fault: str) -> None:
    """The fault gives page 1 for a later page of the named account alone."""
    client = open_client(size=2_000, faults=[f"{fault}:savings"])
    main, savings, *_ = client.bank.account_ids()
    for account, same in ((main, False), (savings, True)):
        pages = [client.list_transactions({"page": page}, account).json()["transactions"] for page in (1, 2)]
        assert (pages[0] == pages[1]) == same


@pytest.mark.parametrize("account", ACCOUNTS)
def test_the_balance_of_any_account(open_client: OpenClient, account: str) -> None:
    """The balance of the named account is one cent too high, that of the others is right."""
    client = open_client(faults=[f"balance-wrong:{account}"])
    shown = client.get("/v2/organization", {"include_external_accounts": "true"}).json()["organization"]
    wrong = [
        one["balance_cents"] - right["balance_cents"]
        for one, right in zip(shown["bank_accounts"], client.bank.accounts(), strict=True)
    ]
    assert wrong == [int(name == account) for name in ACCOUNTS]


@pytest.mark.parametrize(
    "text",
    [
        "bad-date@second",
        "bad-date:other",
        "bad-date@",
        "down:main",
        "429-bare@first",
        "balance-wrong@first",
        "x@last",
    ],
)
def test_what_a_fault_cannot_be_given(clock: ManualClock, text: str) -> None:
    """An unknown row or account, or one that the fault does not strike, is an error."""
    if text.endswith("@"):
        assert parse_fault(text) == parse_fault(text[:-1])
        return
    with pytest.raises(ValueError, match="fault"):
        Simulator(clock=clock, faults=[text])


def test_every_fault_can_be_chosen_later(client: ApiClient) -> None:
    """Faults can be replaced while the simulator runs; a wrong one changes nothing."""
    for name in FAULTS:
        client.simulator.choose_faults([name])
        assert client.simulator.faults == (name,)
    with pytest.raises(ValueError, match="unknown fault"):
        client.simulator.choose_faults(["x"])
    client.simulator.choose_faults([])
    assert client.list_transactions().status_code == 200
