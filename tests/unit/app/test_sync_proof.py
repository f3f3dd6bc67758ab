"""How far a sync proves each account: what the book keeps of it, and what is read again."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from primanota.app.reviewing.check import check_bank, check_book
from primanota.app.reviewing.review import Review
from primanota.app.syncing.sync import sync
from primanota.banks.qonto.bank import QontoBank
from primanota.banks.qonto.decoding.checked_rows import record
from primanota.book import TRANSACTION
from primanota.core.errors import AccessDenied
from primanota.core.language.reasons import reason_text
from primanota.core.period import microseconds
from primanota.simulator.http.transaction_query import TransactionQueryParser
from tests.support.banks.shy_bank import authorise, hide_row, refuse_account, release, unlist_account
from tests.support.books.book_assertions import differences
from tests.support.books.book_world import CONNECTOR, CountingProgress, World, journal_of

_MINUTES = 60 * 1_000_000


def _states(here: World) -> list[str]:
    return [here.book.proof_state(account.id).state for account in here.journal.accounts()]


def _counted(here: World) -> tuple[int, int]:
    """Sync; return how many pages and rows were read."""
    progress = CountingProgress()
    done, _ = sync(here.bank, here.book, CONNECTOR, progress)
    assert all(one.proven for one in done)
    return progress.pages, progress.rows


# --- the kept verdict ----------------------------------------------------------------------------------------------


def test_a_sync_keeps_how_far_each_account_is_proven(world: Callable[..., World]) -> None:
    """After a sync accounts with balances are proven and the external one is counted, up to the bank's clock."""
    here = world(size=450)
    here.sync()
    assert _states(here) == ["proven", "proven", "proven", "counts only"]
    for account in here.journal.accounts():
        found = here.book.proof_state(account.id)
        last = here.book.last_settled(account.id)
        assert (found.reasons, found.since) == ((), here.clock.micros())
        assert found.until == max(here.clock.micros(), (last or 0) + 1)


def test_a_hole_after_the_last_row_is_kept(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    """A row after the last one that the bank does not list leaves the account doubtful, proven as far as before."""
    here = world()
    here.sync()
    main = here.journal.accounts()[0]
    before = here.book.proof_state(main.id)
    here.clock.advance(minutes=5)
    (key,) = here.simulator.bank.arrive(1)
    hide_row(monkeypatch, here.simulator, key)
    here.clock.advance(minutes=5)
    here.sync()
    found = here.book.proof_state(main.id)
    assert (found.state, found.until, found.since) == ("doubtful", before.until, here.clock.micros())
    assert "bank's balance is" in found.reasons[0]
    monkeypatch.undo()
    here.sync()
    assert here.book.proof_state(main.id).state == "proven"


def test_an_account_that_was_never_read_is_unread(world: Callable[..., World]) -> None:
    """An account that no sync has read whole is unread, and a check says so, with the bank and without."""
    here = world()
    here.sync()
    with here.book.writing():
        here.book.execute("DELETE FROM proof")
        here.book.execute("DELETE FROM watermark")
    alone = check_book(here.journal)
    for found in (alone, check_bank(here.bank, here.journal, alone)):
        assert {one.state for one in found.states.values()} == {"unread"}
        assert not found.ok


def test_without_the_banks_balance_an_account_is_only_counted(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the bank states no balance of an account, even one without rows is counted and not proven."""
    here = world(size=0)
    status = QontoBank.account_status
    monkeypatch.setattr(QontoBank, "account_status", lambda bank, key: status(bank, key)._replace(balance=None))
    here.sync()
    assert set(_states(here)) == {"counts only"}


# --- accounts that the bank no longer shows ------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 403, 0])
def test_an_account_that_has_gone(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """An account that answers 404 or 403, or is not listed, is gone: proven up to then, and the others are read."""
    here = world()
    here.sync()
    savings = here.journal.accounts()[1]
    before = here.book.proof_state(savings.id)
    here.clock.advance(days=1)
    with monkeypatch.context() as patch:
        if status:
            refuse_account(patch, here.simulator, 1, status)
        else:
            unlist_account(patch, 1)
        for _ in range(2):
            done = here.sync()
            assert all(one.proven for one in done)
            assert [one.account.id for one in done if one.found.state == "gone"] == [savings.id]
            found = here.book.proof_state(savings.id)
            assert (found.state, found.until, found.reasons) == ("gone", before.until, ())
        checked = check_bank(here.bank, here.journal, check_book(here.journal))
        assert (checked.ok, checked.states[savings.id].state) == (True, "gone")
    here.clock.advance(days=1)
    here.simulator.bank.arrive(1, savings.id)
    assert here.sync()[1].counts.new == 1
    assert _states(here)[1] == "proven"


@pytest.mark.parametrize("status", [404, 403])
def test_a_refused_account_that_was_never_read(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """An account that the bank lists and refuses from the beginning is unread and not proven; the others are read."""
    here = world()
    with monkeypatch.context() as patch:
        refuse_account(patch, here.simulator, 1, status)
        for _ in range(2):
            done = here.sync()
            assert [one.proven for one in done] == [True, False, True, True]
            assert (done[1].found.state, done[1].found.until) == ("unread", None)
    assert all(one.proven for one in here.sync())
    assert differences(here.simulator, here.book) == []


def test_an_account_of_another_bank_that_is_not_found(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account of another bank, of which the bank has no transactions, keeps the others back from nothing."""
    here = world()
    with monkeypatch.context() as patch:
        refuse_account(patch, here.simulator, 3, 404)
        done = here.sync()
        assert [one.found.state for one in done] == ["proven", "proven", "proven", "gone"]
        assert all(one.proven for one in done)
    assert all(one.proven for one in here.sync())
    assert differences(here.simulator, here.book) == []


def test_a_key_that_may_read_no_account(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    """If the bank refuses every account, none is gone: the key lost its rights."""
    here = world()
    here.sync()
    monkeypatch.setattr(QontoBank, "sources", _refused_sources(QontoBank.sources))
    done = here.sync()
    assert {one.found.state for one in done} == {"partial"}
    assert not any(one.proven for one in done)


def _refused_sources(sources: Callable[..., object]) -> Callable[..., object]:
    def refuse(bank: QontoBank, *words: object) -> object:
        found = sources(bank, *words)
        assert isinstance(found, dict)
        return {key: _Refused() for key in found}

    return refuse


class _Refused:
    """A source whose account the bank refuses with 403."""

    doubts: list[str] = []  # noqa: RUF012
    now = 0
    ahead = None
    takes_long = False

    def updated_since(self, _: int) -> object:
        """Refuse."""
        raise AccessDenied("The bank does not let this key read /v2/transactions (forbidden).", status=403)


# --- released authorisations ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("switches", [["reversed-refused"], ["reversed-ignored"], []])
@pytest.mark.parametrize("updated", [True, False])
def test_a_released_authorisation_reads_little(
    world: Callable[..., World], switches: list[str], *, updated: bool
) -> None:
    """A released authorisation, listed as reversed or no longer listed, does not cause a complete reading."""
    here = world(size=2_000, switches=switches)
    key = authorise(here.simulator)
    here.sync()
    here.clock.advance(days=2)
    release(here.simulator, key, updated=updated)
    pages, _ = _counted(here)
    assert pages <= 12
    (found,) = [one for one in Review(here.journal, here.clock.now.date()).findings() if one.transaction.id == key]
    wanted = (
        ("reversed", "released, never charged") if not switches else ("vanished", "no longer pending, never charged")
    )
    assert (found.kind, reason_text(found.reason)) == wanted


def test_a_released_authorisation_is_reported(world: Callable[..., World]) -> None:
    """A pending row that the bank no longer lists is among the released ones, not among the vanished ones."""
    here = world(switches=["reversed-refused"])
    key = authorise(here.simulator)
    here.sync()
    here.clock.advance(days=2)
    release(here.simulator, key)
    done = here.sync()
    assert (done[0].released, done[0].vanished, done[0].proven) == ([key], [], True)


@pytest.mark.parametrize("answer", ["ignored", "everything"])
def test_a_bank_that_ignores_the_status(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """If the bank answers the status ``reversed`` with other rows, it is not asked for."""
    here, statuses = world(), TransactionQueryParser._statuses
    given = {"ignored": [], "everything": [("status[]", word) for word in ("pending", "declined", "completed")]}

    def ignore(parser: TransactionQueryParser, parameters: list[tuple[str, str]]) -> object:
        kept = [pair for pair in parameters if pair != ("status[]", "reversed")]
        return statuses(parser, kept if len(kept) == len(parameters) else [*kept, *given[answer]])

    monkeypatch.setattr(TransactionQueryParser, "_statuses", ignore)
    assert all(one.proven for one in here.sync())
    assert here.bank.statuses == ("pending", "declined", "completed")


# --- stamps and clocks ---------------------------------------------------------------------------------------------


def test_a_complete_reading_takes_the_banks_present_word(world: Callable[..., World]) -> None:
    """A wrong row with a later stamp, once, is corrected by the next complete reading."""
    here = world()
    here.sync()
    main = here.journal.accounts()[0].id
    body = next(iter(here.book.completed(main, 0, 1 << 62)))
    row = CONNECTOR.record(body)
    later = here.clock.now + timedelta(minutes=3)
    wrong = body.replace(b'"updated_at"', b'"was"').replace(
        b'{"id"', b'{"updated_at":"%s","id"' % f"{later:%Y-%m-%dT%H:%M:%SZ}".encode(), 1
    )
    with here.book.run("wrong"), here.book.writing():
        assert here.book.append(TRANSACTION, [record(wrong)], main).changed == 1
    here.clock.advance(days=1)
    here.sync()
    assert here.book.bodies(TRANSACTION)[row.id] == wrong
    (done, *_) = here.sync(full=True)
    assert (done.proven, done.counts.changed) == (True, 1)
    assert here.book.bodies(TRANSACTION)[row.id] == body


def test_a_stamp_of_the_future_protects_no_version(world: Callable[..., World]) -> None:
    """A row with a stamp of a later year, once, is corrected by the next sync that reads it."""
    here = world()
    here.sync()
    main = here.journal.accounts()[0].id
    body = list(here.book.completed(main, 0, 1 << 62))[-1]
    row = CONNECTOR.record(body)
    wrong = body.replace(b'"updated_at"', b'"was"').replace(b'{"id"', b'{"updated_at":"2036-01-01T00:00:00Z","id"', 1)
    with here.book.run("wrong"), here.book.writing():
        here.book.append(TRANSACTION, [record(wrong)], main)
    here.simulator.bank.edit(row.id, note="right")
    here.sync()
    assert b"right" in here.book.bodies(TRANSACTION)[row.id]


def test_a_bank_clock_that_runs_ahead_is_not_believed(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Date header of a later year moves no watermark and no proof beyond a few minutes, and no edit is missed."""
    here = world()
    main = here.simulator.bank.account_ids()[0]
    with monkeypatch.context() as patch:
        patch.setattr(type(here.client), "bank_time", property(lambda _: here.clock.now + timedelta(days=3_650)))
        here.sync()
        assert here.bank.now <= here.clock.micros() + 5 * _MINUTES
    for found in (here.book.watermark(main), here.book.proof_state(main).until):
        assert found is not None
        assert found <= here.clock.micros() + 5 * _MINUTES
    key = next(iter(here.simulator.bank.truth(main)))["id"]
    here.clock.advance(days=3)
    here.simulator.bank.edit(key, note="later")
    here.sync()
    assert b"later" in here.book.bodies(TRANSACTION)[key]


def test_a_watermark_of_the_future_is_not_believed(world: Callable[..., World]) -> None:
    """A book whose watermark lies in a later year is read whole again."""
    here = world()
    here.sync()
    main = here.simulator.bank.account_ids()[0]
    with here.book.writing():
        here.book.set_watermark(main, microseconds(here.clock.now + timedelta(days=3_650)))
    key = next(iter(here.simulator.bank.truth(main)))["id"]
    here.clock.advance(days=3)
    here.simulator.bank.edit(key, note="later")
    here.clock.advance(days=3)
    here.sync()
    assert b"later" in here.book.bodies(TRANSACTION)[key]
    assert journal_of(here.book).book.watermark(main) == here.clock.micros()
