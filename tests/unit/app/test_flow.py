"""The sync of an account, from the bank to the book."""

from collections.abc import Callable

from tests.support.books.book_world import World, journal_of


def test_the_book_contains_every_row_of_the_bank(world: Callable[..., World]) -> None:
    """After a sync every account is proven, and every row of the bank is in the book."""
    here = world()
    done = here.sync()
    assert all(account.proven for account in done)
    for account in journal_of(here.book).accounts():
        assert sum(here.book.status_counts(account.id).values()) == len(list(here.simulator.bank.truth(account.id)))
