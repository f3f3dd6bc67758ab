"""Run the weekly job of several organisations, some at once; the failure of one does not concern the others.

They are threads of one process: each waits for the bank most of its time, and has a book, a workspace and an outcome
of its own. They share what they share at the bank: the requests of one address.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from queue import SimpleQueue
from threading import Thread

import msgspec

from primanota.adapters.secrets.refused_keys import RefusedKeys
from primanota.adapters.settings.config import Config
from primanota.app.bank_access import SharedAddress, members_of_address
from primanota.app.running.organisation_run import OrganisationRun
from primanota.core.errors import mistake
from primanota.core.hosts import MOST_CONNECTIONS

# Runs one organisation at an address; returns what became of it, and raises nothing.
RunOne = Callable[[str, SharedAddress], OrganisationRun]
_LEAST_CONNECTIONS = 4


def run_all(
    logins: Sequence[str], run_one: RunOne, at_once: int, refused: RefusedKeys | None = None
) -> Iterator[OrganisationRun]:
    """Yield the outcome of each organisation's run as it ends.

    If the caller stops early, no further one is begun, and those that run end with the process: a book and its files
    are as safe then as if the machine had failed.

    Args:
        logins: the organisations.
        run_one: runs one of them.
        at_once: how many run at the same time.
        refused: knows the keys that the bank refused.
    """
    member = members_of_address(refused)
    waiting, ended = deque(logins), SimpleQueue[OrganisationRun]()

    def work() -> None:
        while waiting:
            try:
                login = waiting.popleft()
            except IndexError:  # another thread took the last one
                return
            with member() as address:
                ended.put(_outcome(run_one, login, address))

    for _ in range(min(at_once, len(logins))):
        # Each thread shares the secrets to redact with the command, and ends with it.
        Thread(target=copy_context().run, args=(work,), daemon=True).start()
    try:
        for _ in logins:
            yield ended.get()
    finally:
        waiting.clear()


def _outcome(run_one: RunOne, login: str, address: SharedAddress) -> OrganisationRun:
    """Run one organisation; whatever ends its thread becomes an outcome, for which the others do not wait."""
    try:
        return run_one(login, address)
    except BaseException as error:  # noqa: BLE001 - the caller would wait for ever
        return OrganisationRun(login=login, error=mistake(error))


def with_fewer_connections(settings: Config, at_once: int) -> Config:
    """Return the settings with as many connections for each organisation as all together may have."""
    most = max(_LEAST_CONNECTIONS, MOST_CONNECTIONS // at_once)
    fewer = {
        login: msgspec.structs.replace(one, connections=min(one.connections, most))
        for login, one in settings.organisations.items()
    }
    return msgspec.structs.replace(settings, organisations=fewer)
