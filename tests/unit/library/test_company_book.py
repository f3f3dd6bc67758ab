"""A book for other programs does what the commands do, and nothing to the process that it is in."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest

import primanota
from primanota.simulator import Simulator
from tests.support.banks.simulator_server import served
from tests.support.clock import Clock


class Company(NamedTuple):
    """A simulated bank, the key of a company, and its book without settings."""

    simulator: Simulator
    key: primanota.Credentials
    home: Path
    environment: dict[str, str]
    clock: Clock

    def book(self) -> primanota.CompanyBook:
        """Return the book; the only setting is where everything is."""
        return primanota.open_book(self.key.login, environment=self.environment, clock=self.clock)

    def synced(self) -> primanota.CompanyBook:
        """Return the book after a sync."""
        book = self.book()
        book.sync(self.key)
        return book


Make = Callable[..., Company]


@pytest.fixture
def company(clock: Clock, tmp_path: Path) -> Iterator[Make]:
    """Return a function that makes a company and its bank on a socket."""
    with ExitStack() as stack:

        def made(**how: Any) -> Company:  # noqa: ANN401 - the simulator's options
            simulator = stack.enter_context(Simulator(clock=clock, **how))
            variables = {
                "PRIMANOTA_HOME": str(tmp_path / "company"),
                "PRIMANOTA_API_URL": stack.enter_context(served(simulator)),
            }
            key = primanota.Credentials(simulator.login, simulator.secret)
            return Company(simulator, key, tmp_path / "company", variables, clock)

        yield made


def test_a_book_begins_with_a_key_alone(company: Make) -> None:
    """Without a setting, a sync with a key makes the book, proves it, and a later object reads it without the key."""
    here = company()
    with here.book() as book:
        with pytest.raises(primanota.NoBookYet):
            book.accounts()
        done = book.sync(here.key)
        assert done.proven
        assert [one.state for one in done.accounts] == ["proven", "proven", "proven", "counts only"]
        assert book.sync().proven  # the key stays with the object
    with here.book() as later:
        assert later.organisation().slug == here.simulator.login
        assert [one.account for one in done.accounts] == later.accounts()
        assert sum(one.rows for one in done.accounts) == len(list(later.transactions()))


def test_rows_are_those_of_the_bank(company: Make) -> None:
    """The completed rows of an account are the bank's, in the order of settlement, and add up to its balance."""
    here = company()
    with here.synced() as book:
        account = book.accounts()[0]
        rows = list(book.transactions(accounts=account.iban))
    truth = [row for row in here.simulator.bank.truth(account.id) if row["status"] == "completed"]
    assert {row.id for row in rows} == {row["id"] for row in truth}
    booked = [row.booked.astimezone(UTC) for row in rows if row.booked]
    assert booked == sorted(booked)
    assert sum(row.amount.cents for row in rows) == account.balance
    assert rows[-1].balance == primanota.Money(account.balance or 0)


def test_a_period_is_named_in_many_ways(company: Make) -> None:
    """A word, two days, a period, and the days one by one select the same rows: those of the local days."""
    with company().synced() as book:
        month = [row.id for row in book.transactions("2026-10", accounts=["Hauptkonto"])]
        first, last = date(2026, 10, 1), date(2026, 10, 31)
        period = primanota.Period(first, date(2026, 11, 1), "october")
        for days in ("october", "last-month", (first, last), period):
            assert [row.id for row in book.transactions(days, accounts=["Hauptkonto"])] == month
        assert {row.day.month for row in book.transactions("2026-10")} == {10}
        with pytest.raises(primanota.InvalidInput):
            list(book.transactions("someday"))
        with pytest.raises(primanota.InvalidInput):
            list(book.transactions(accounts=["nobody"]))


def test_a_reading_shows_one_state_of_the_book(company: Make) -> None:
    """A sync in the middle of an iteration does not wait for it, and changes nothing of what it yields."""
    here = company()
    with here.synced() as book:
        before = [row.id for row in book.transactions()]
        rows = book.transactions()
        seen = [next(rows).id]
        here.simulator.bank.arrive(5)
        here.clock.advance(days=3)
        assert book.sync().proven
        seen += [row.id for row in rows]
        assert seen == before
        assert len(list(book.transactions())) > len(before)


def test_the_end_of_the_block_ends_a_reading(company: Make) -> None:
    """An iteration that was left in the middle is over after the ``with`` block, and its file closed."""
    with company().synced() as book:
        rows = book.transactions()
        next(rows)
    assert list(rows) == []


def test_an_export_is_a_batch(company: Make) -> None:
    """An export writes the files that it returns, and the rows of one are not new a second time."""
    here = company()
    with here.synced() as book:
        folder = here.home / "files"
        done = book.export("lexware", new=True, since=date(2026, 11, 1), to=folder)
        assert done.selection == "new since 2026-11-01"
        assert done.proven is None  # an account of another bank has no balances
        assert [one.rows for one in done.files] == [8, 2]
        assert {one.path for one in done.files} == {*folder.iterdir()}
        assert [one.destinations for one in done.files] == [(f"{one.path}",) for one in done.files]
        assert book.export("lexware", new=True, to=folder).files == ()
        again = book.export("lexware", "2026-11", to=[folder], accounts="Hauptkonto")
        assert [one.already_exported for one in again.files] == [{done.files[0].batch: 8}]
        assert again.proven
        with pytest.raises(primanota.AlreadyExported):
            book.export("lexware", "2026-11", to=folder, refuse_repeats=True)
        assert book.export("lexware", changed=True, to=folder).files == ()


@pytest.mark.parametrize(
    "words", [{}, {"days": "2026", "new": True}, {"new": True, "changed": True}, {"days": "2026", "since": date.min}]
)
def test_an_export_is_asked_for_one_kind_of_rows(company: Make, words: dict[str, Any]) -> None:
    """No kind of rows, or two of them, are refused; and so are new rows without a first day."""
    with company(size=0).synced() as book:
        with pytest.raises(primanota.InvalidInput, match="An export is of"):
            book.export("lexware", **words)
        with pytest.raises(primanota.InvalidInput, match="From which day on"):
            book.export("lexware", new=True)


@pytest.mark.parametrize("day", ["2026-11-01", 20261101])
def test_what_is_not_a_day_is_bad_input(company: Make, day: object) -> None:
    """A first day that is a text, and a period that is a number, are refused by an error of the library."""
    wrong: Any = day
    with company(size=0).synced() as book:
        with pytest.raises(primanota.InvalidInput, match="is not a day"):
            book.export("lexware", new=True, since=wrong)
        with pytest.raises(primanota.InvalidInput, match="is not a day"):
            list(book.transactions((wrong, wrong)))


def test_what_is_not_proven_is_said_and_not_exported(company: Make) -> None:
    """A sync with a gap returns its reasons; the proof names the account; an export raises, unless it may not be."""
    here = company(faults=["balance-gap"])
    with here.book() as book:
        done = book.sync(here.key)
        assert not done.proven
        assert done.accounts[0].reasons
        proof = book.proof()
        assert not proof.ok
        assert proof.inconsistency == ""
        assert proof.accounts[0].state == "doubtful"
        with pytest.raises(primanota.NotProven):
            book.export("lexware", "2026", to=here.home)
        assert book.export("lexware", "2026", to=here.home, allow_unproven=True).proven is False


def test_a_whole_book_is_proven(company: Make) -> None:
    """The proof of a month has balances and sums that agree, for the accounts that are asked for."""
    with company().synced() as book:
        proof = book.proof("2026-10", accounts="Hauptkonto")
        rows = list(book.transactions("2026-10", accounts="Hauptkonto"))
    (one,) = proof.accounts
    assert proof.ok
    assert one.opening is not None
    assert one.closing == one.opening + sum(row.amount.cents for row in rows)


def test_a_key_of_another_company_is_refused(company: Make) -> None:
    """A key does not read another organisation into a book, and its secret is in no error."""
    here = company(size=0)
    with here.book() as book, pytest.raises(primanota.InvalidInput) as error:
        book.sync(primanota.Credentials("other-company-1", here.key.secret))
    wrong = primanota.Credentials(here.key.login, "wrong0secret0of0a0key")
    with here.book() as book, pytest.raises(primanota.InvalidApiKey) as refused:
        book.sync(wrong)
    assert here.simulator.secret not in f"{error.value} {refused.value} {here.key!r}"
    assert "wrong0secret" not in f"{refused.value}"


def test_nothing_is_printed_or_configured(
    company: Make, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failing bank, a sync and an export print nothing, ask nothing, and leave the root logger as it was."""
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("a question"))
    handlers = list(logging.getLogger().handlers)
    here = company(faults=["503-html"])
    with here.synced() as book:
        book.export("lexware", new=True, since=date(2026, 11, 1), to=here.home / "files")
        book.proof()
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger().handlers == handlers


def test_threads_have_a_book_each(company: Make) -> None:
    """Several threads read and sync the same book at the same time, each with an object of its own."""
    here = company()
    rows = len(list(here.synced().transactions()))
    found: list[int] = []

    def read() -> None:
        with here.book() as book:
            found.extend((len(list(book.transactions())), len(book.sync(here.key).accounts)))

    threads = [Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [4] * 4 + [rows] * 4
