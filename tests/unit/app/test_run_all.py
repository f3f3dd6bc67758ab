"""Organisations that run at once do not wait for one that ends in an unexpected way."""

import pytest

from primanota.app.bank_access import SharedAddress
from primanota.app.running.organisation_run import OrganisationRun
from primanota.app.running.run_all import run_all
from primanota.core.errors import (
    AccessDenied,
    BookConflict,
    BookDamaged,
    BookLocked,
    ConfigurationError,
    DeliveryFailed,
    DestinationFull,
    DiskFull,
    InvalidApiKey,
    NotProven,
    PrimanotaError,
    ServiceUnavailable,
)
from primanota.core.transient_errors import may_pass


def test_a_thread_that_ends_is_an_outcome() -> None:
    """An organisation whose run ends its thread has an outcome, and the others are run."""

    def run_one(login: str, _: SharedAddress) -> OrganisationRun:
        if login == "b":
            raise SystemExit(3)
        return OrganisationRun(login=login)

    found = {one.login: one for one in run_all(["a", "b", "c"], run_one, at_once=1)}
    assert [found[login].state for login in "abc"] == ["done", "person", "done"]
    assert "SystemExit" in f"{found['b'].error}"


def test_each_has_its_share() -> None:
    """As many organisations as run at once share the address; the last one has it alone."""
    shares = []

    def run_one(login: str, address: SharedAddress) -> OrganisationRun:
        assert address.budget is not None
        shares.append(address.budget.hold_back())
        return OrganisationRun(login=login)

    assert len([*run_all(["a", "b", "c"], run_one, at_once=2)]) == 3
    assert shares == [0.0] * 3


@pytest.mark.parametrize(
    ("kind", "passes"),
    [
        *((kind, True) for kind in (ServiceUnavailable, BookLocked, BookConflict, NotProven, DeliveryFailed)),
        *((kind, False) for kind in (InvalidApiKey, AccessDenied, ConfigurationError, BookDamaged, PrimanotaError)),
        *((kind, False) for kind in (DiskFull, DestinationFull)),
    ],
)
def test_what_may_pass_with_time(kind: type[PrimanotaError], passes: bool) -> None:  # noqa: FBT001 - a case
    """The bank, a lock, a mail server may be there later; a key, a setting, a disk, a book need a person."""
    assert may_pass(kind("It failed.")) is passes
    assert OrganisationRun(login="a", error=kind("It failed.")).state == ("later" if passes else "person")
