"""The client for other programs: complete, typed, patient, and unable to change anything."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from contextvars import Context
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple, NoReturn

import pytest

import primanota
from primanota.banks.qonto import Client, Label, Member
from primanota.banks.qonto.bank import QontoBank
from primanota.simulator import Simulator
from tests.support.banks.consent_world import consent_world
from tests.support.banks.simulator_server import served
from tests.support.clock import BERLIN, Clock


class Reading(NamedTuple):
    """A simulated bank on a socket, and a client of it."""

    simulator: Simulator
    client: Client
    url: str


Read = Callable[..., Reading]


@pytest.fixture
def reading(clock: Clock) -> Iterator[Read]:
    """Return a function that opens a client of a new simulated bank."""
    with ExitStack() as stack:

        def opened(**how: Any) -> Reading:  # noqa: ANN401 - the simulator's options
            simulator = stack.enter_context(Simulator(clock=clock, **how))
            url = stack.enter_context(served(simulator))
            client = Client(simulator.login, simulator.secret, api_url=url, zone=BERLIN, clock=clock)
            return Reading(simulator, stack.enter_context(client), url)

        yield opened


def _true(bank: Reading, **wanted: object) -> dict[str, int]:
    """Return what the bank knows of its first account: signed cents by id."""
    rows = bank.simulator.bank.truth(bank.client.accounts()[0].id)
    sign = {"credit": 1, "debit": -1}
    return {
        f"{row['id']}": sign[f"{row['side']}"] * int(f"{row['amount_cents']}")
        for row in rows
        if all(row[name] == value for name, value in wanted.items())
    }


@pytest.mark.parametrize(
    "how",
    [
        {"size": 700},
        {"size": 700, "switches": ["result-cap-422"], "cap": 200},
        {"size": 250, "faults": ["503-html"]},
        {"size": 250, "faults": ["row-missing-once"]},
        {"size": 250, "faults": ["row-twice-once"]},
    ],
    ids=lambda how: "+".join(map(str, how.values())),
)
def test_all_transactions_are_read_once(reading: Read, how: dict[str, Any]) -> None:
    """Every transaction is read once with its exact amount: over many pages, a limit of results, and failures."""
    bank = reading(**how)
    found = list(bank.client.transactions(bank.client.accounts()[0]))
    assert len(found) == len({row.id for row in found})
    assert {row.id: row.amount.cents for row in found} == _true(bank)
    assert all(row.amount.decimal * 100 == row.amount.cents for row in found)


def test_a_bank_that_contradicts_itself_is_not_believed(reading: Read) -> None:
    """Where the bank counts a row that it never shows, an error follows the rows that it shows."""
    bank = reading(faults=["row-missing-always"])
    rows, account = list[str](), bank.client.accounts()[0]
    with pytest.raises(primanota.NotProven, match="Transactions may be missing"):
        rows.extend(row.id for row in bank.client.transactions(account))
    assert 0 < len(rows) < len(_true(bank))
    assert {*rows} < _true(bank).keys()


def test_a_period_is_by_local_days(reading: Read) -> None:
    """A month has the completed rows that settled in its local days, named by a word, two days, or one by one."""
    bank = reading()
    account = bank.client.accounts()[0]
    month = [row.id for row in bank.client.transactions(account.id, "2026-10")]
    assert month
    every = [row for row in bank.client.transactions(account) if row.booked]
    assert {row.id for row in every if f"{row.day:%Y-%m}" == "2026-10"} == {*month}
    first, last = date(2026, 10, 1), date(2026, 10, 31)
    assert {row.id for row in bank.client.transactions(account, (first, last))} == {*month}
    assert {row.id for row in bank.client.transactions(account, "last-month")} == {*month}
    days = [first + timedelta(days=count) for count in range(31)]
    assert {row.id for day in days for row in bank.client.transactions(account, day)} == {*month}


def test_changes_since_a_moment(reading: Read, clock: Clock) -> None:
    """``updated_since`` yields what is new or has changed since, of every status, and nothing older."""
    bank = reading(switches=[])
    account, before = bank.client.accounts()[0], clock()
    assert [row for row in bank.client.transactions(account, updated_since=before) if row.updated < before] == []
    older = next(row for row in bank.client.transactions(account) if row.status == "completed")
    clock.advance(days=1)
    bank.simulator.bank.edit(older.id, note="looked at")
    found = {row.id: row for row in bank.client.transactions(account, updated_since=before)}
    assert found[older.id].note == "looked at"


def test_members_and_labels_are_named(reading: Read) -> None:
    """Members and labels have their names, and transactions name them, without a private field of a member."""
    bank = reading(size=700, members=130, labels=120)
    members, labels = bank.client.members(), bank.client.labels()
    assert (len(members), len(labels)) == (130, 120)
    assert {*Member.__struct_fields__} == {"id", "first_name", "last_name", "role", "status"}
    assert {*Label.__struct_fields__} == {"id", "name", "parent_id"}
    rows = list(bank.client.transactions(bank.client.accounts()[0]))
    assert {row.member for row in rows if row.member} <= {one.name for one in members}
    assert {name for row in rows for name in row.labels} & {one.name for one in labels}


def test_without_the_right_to_names_there_are_none(reading: Read) -> None:
    """A key that may not read members and labels is told so, and still reads transactions."""
    bank = reading(faults=["forbidden"])
    with pytest.raises(primanota.AccessDenied):
        bank.client.members()
    assert {row.member for row in bank.client.transactions(bank.client.accounts()[0])} == {""}


def test_files_have_the_size_that_the_bank_states(reading: Read) -> None:
    """Attachments and statements are listed and downloaded whole."""
    bank = reading()
    row = next(row for row in bank.client.transactions(bank.client.accounts()[0]) if row.receipts)
    receipts = bank.client.attachments(row)
    assert tuple(one.id for one in receipts) == row.attachment_ids
    statement = bank.client.statements()[0]
    for file in (receipts[0].original, statement.file):
        assert file is not None
        assert len(bank.client.content(file)) == file.size


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("file-refused", primanota.BankRefused),
        ("file-redirected", primanota.BankRefused),
        ("file-too-large", primanota.BankRefused),
        ("file-truncated-once", primanota.ServiceUnavailable),
        ("file-too-long-once", primanota.NotProven),
    ],
)
def test_a_file_that_is_not_whole_is_an_error(
    reading: Read, fault: str, kind: type[primanota.PrimanotaError]
) -> None:
    """A file that is refused, too large, broken off or of another size is an error of the program, not bytes."""
    bank = reading(faults=[fault])
    with pytest.raises(kind) as error:
        bank.client.content(bank.client.statements()[0].file)
    assert "X-Amz" not in str(error.value)


def test_a_token_instead_of_a_key(clock: Clock, tmp_path: Path) -> None:
    """An access token of a consent reads the bank; a refused one is the error of a refused key."""
    world = consent_world(tmp_path / "home", clock)
    token = world.consent().access
    with served(world.simulator) as url:
        with Client(token=token, api_url=url, clock=clock) as client:
            assert client.organisation().slug == world.simulator.login
        with (
            Client(token="wrong-token-0123", api_url=url, clock=clock) as client,
            pytest.raises(primanota.InvalidApiKey) as error,
        ):
            client.organisation()
    assert "wrong-token" not in str(error.value)


def test_nothing_at_the_bank_can_be_changed(reading: Read) -> None:
    """The client has no public method that a list of reading ones does not name."""
    methods = {name for name in dir(Client) if not name.startswith("_")}
    assert methods == {
        *("organisation", "accounts", "transactions", "members", "labels", "attachments", "statements", "content"),
        "close",
    }
    bank = reading()
    bank.client.organisation()
    assert {path.split("/")[1] for path, _ in bank.simulator.requests} == {"v2"}


def test_threads_share_a_client(reading: Read) -> None:
    """Several threads read accounts at the same time, and each gets its own rows."""
    bank = reading(size=700)
    accounts = bank.client.accounts()
    found: dict[str, set[str]] = {}

    def read(account: primanota.Account) -> None:
        found[account.id] = {row.account_id for row in bank.client.transactions(account)}

    threads = [Thread(target=read, args=(account,)) for account in accounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {account.id: {account.id} for account in accounts}


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ({}, primanota.InvalidInput),
        ({"login": "acme-1", "secret": "abcdef", "token": "abc"}, primanota.InvalidInput),
        ({"login": "acme 1", "secret": "abcdef"}, primanota.ConfigurationError),
        ({"login": "acme-1", "secret": ""}, primanota.ConfigurationError),
        ({"token": "two words"}, primanota.ConfigurationError),
        (
            {"login": "acme-1", "secret": "abcdef", "api_url": "http://bank.example"},
            primanota.InvalidConfiguration,
        ),
    ],
    ids=str,
)
def test_what_cannot_be_a_client_is_refused(words: dict[str, Any], kind: type[primanota.PrimanotaError]) -> None:
    """A key without a secret, both kinds of access, and a key without encryption are refused at once."""
    with pytest.raises(kind) as error:
        Client(**words)
    assert "abcdef" not in str(error.value)


def test_days_and_moment_exclude_each_other(reading: Read) -> None:
    """A period beside a moment, a moment without a zone, and a moment as a day are refused."""
    client = reading(size=0).client
    for days, since in (("2026", datetime(2026, 1, 1, tzinfo=UTC)), (None, datetime(2026, 1, 1))):  # noqa: DTZ001 - a naive one
        with pytest.raises(primanota.InvalidInput):
            next(client.transactions("x", days, updated_since=since))
    with pytest.raises(primanota.InvalidInput):
        next(client.transactions("x", datetime(2026, 1, 1, tzinfo=UTC)))


def test_a_bank_that_does_not_answer_is_given_up(clock: Clock) -> None:
    """A bank that cannot be reached is an error in the time that the caller has set."""
    with (
        Client(
            "acme-1", "abcdef", api_url="http://127.0.0.1:9", timeout=0.2, give_up_after=0.5, clock=clock
        ) as client,
        pytest.raises(primanota.ServiceUnavailable),
    ):
        client.organisation()


def test_a_secret_that_the_bank_repeats_is_in_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that quotes the bank has no secret; the caller's own texts are left alone, before and after."""
    # A command that ran before in this process remembers secrets for its whole context.
    Context().run(_hear_a_secret_repeated, monkeypatch)


def _hear_a_secret_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    echo = "kumquat3 is not what I expect"  # no pattern of a key
    client = Client("acme-1", "kumquat3")
    monkeypatch.setattr(QontoBank, "members", lambda _: _refuse(echo))
    with pytest.raises(primanota.BankRefused) as error:
        client.members()
    assert "kumquat3" not in str(error.value)
    assert primanota.BankRefused(echo).message == echo
    client.close()


def _refuse(message: str) -> NoReturn:
    raise primanota.BankRefused(message)
