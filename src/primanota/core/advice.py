"""What a person does to complete an account: sync it, or import statements if its rows come from files. Pure."""

from collections.abc import Iterable

from primanota.core.model import Account


def read_on(account: Account) -> str:
    """Return how newer rows of an account come into the book, as the beginning of a hint."""
    return "Import its newest statement" if account.from_files else "Run “primanota sync”"


def read_again(account: Account) -> str:
    """Return how rows of an account that are missing come into the book, as the beginning of a hint."""
    return "Import the statement that is missing" if account.from_files else "Run “primanota sync --full”"


def read_all_again(accounts: Iterable[Account]) -> str:
    """Return the same for several accounts, of a bank and of files."""
    first, *others = sorted({read_again(one) for one in accounts})
    return ", and ".join((first, *(f"{one[0].lower()}{one[1:]}" for one in others)))
