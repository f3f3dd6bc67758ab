"""Prepare the answers of a bank: the simulator makes each row's JSON once, and a folder keeps it for later starts.

The folder is `primanota-bank` below the folder for temporary files (`TMPDIR`). Another simulator makes other folders,
so that nothing old is served.
"""

import json
import shutil
import sys
import tempfile
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import msgspec

import primanota.simulator
from primanota.simulator import Simulator
from primanota.simulator.data.operation_kinds import PENDING

if TYPE_CHECKING:
    from primanota.simulator.data.transaction import SimulatedTransaction

# The history ends here, so that every run serves the same bytes.
PRESENT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_DAYS = 2
# How often rows can be added afterwards, how many each time, and the time that passes before.
ADDITIONS, ADDED, _BETWEEN = 32, 20, timedelta(minutes=1)
ORDERS = ("created", "emitted", "settled", "updated")
COLUMNS = ("account", "status", *ORDERS, "tie_breaker")
ACCOUNTS = range(4)
NEVER = 1 << 62  # the time of a row that has not settled: it is after all others
_LISTS = ("bank_accounts", "memberships", "labels")
_AT_A_TIME = 1_000
_WITHOUT_AND_WITH_EXTERNAL: tuple[dict[str, str], ...] = ({}, {"include_external_accounts": "true"})


def prepared(size: int) -> Path:
    """Return the folder with the answers of a bank with `size` transactions; make it if it does not exist."""
    place = Path(tempfile.gettempdir(), "primanota-bank", f"{size}-{_version()}")
    if not place.exists():
        print(f"preparing a bank of {size:,} transactions", file=sys.stderr, flush=True)
        place.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as folder:
            made = Path(folder, "made")
            made.mkdir()
            _prepare(size, made)
            if not place.exists():  # another process may have been faster
                shutil.move(made, place)
    return place


def age(simulator: Simulator) -> None:
    """Let time pass between the history and the opening of the bank, as the prepared bank does it.

    What is pending settles in between, and is old at the opening.
    """
    for _ in range(2):
        simulator.bank.pass_time(days=_DAYS)


def grow(simulator: Simulator) -> None:
    """Let completed rows arrive on the main account, as the prepared bank does it."""
    for added in simulator.bank.arrive(ADDED):
        found = simulator.bank.find(added)
        if found is not None and found.status == PENDING:
            simulator.bank.settle(added)


def _prepare(size: int, place: Path) -> None:
    present = [PRESENT]
    with Simulator(size=size, clock=lambda: present[0]) as simulator, _client(simulator) as client:
        age(simulator)
        _write_rows(simulator, place)
        steps = [_step(simulator, client, [])]
        for _ in range(ADDITIONS):
            before = simulator.bank.now()
            present[0] += _BETWEEN
            grow(simulator)
            steps.append(_step(simulator, client, _changed(simulator, before)))
    Path(place, "steps.json").write_text(json.dumps(steps), encoding="utf-8")


def _write_rows(simulator: Simulator, place: Path) -> None:
    """Write the bodies one after the other, where each of them ends, their columns, and their orders."""
    table = simulator.bank.table
    ends, columns = array("Q"), {name: array("q") for name in COLUMNS}
    numbers = table.find("ORDER BY number")
    with Path(place, "rows.json").open("wb") as file:
        for start in range(0, len(numbers), _AT_A_TIME):
            for row in table.get(numbers[start : start + _AT_A_TIME]):
                file.write(_body(simulator, row))
                ends.append(file.tell())
                for name, value in _columns(row).items():
                    columns[name].append(value)
    _write(place, "ends", ends)
    for name, values in columns.items():
        _write(place, name, values)
    for account in ACCOUNTS:
        for order in ORDERS:
            sql = f"WHERE account = ? ORDER BY {order} NULLS LAST, settled NULLS LAST, tie_breaker, number"
            _write(place, f"{account}-{order}", table.find(sql, account))


def _write(place: Path, name: str, values: "array[int]") -> None:
    with Path(place, name).open("wb") as file:
        values.tofile(file)


def _body(simulator: Simulator, row: "SimulatedTransaction") -> bytes:
    return msgspec.json.encode(simulator.bank.serializer.json(row, ("vat_details",)))


def _columns(row: "SimulatedTransaction") -> dict[str, int]:
    return {name: NEVER if (value := getattr(row, name)) is None else value for name in COLUMNS}


def _step(simulator: Simulator, client: httpx2.Client, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the bank answers from a moment on, apart from the rows that it had before."""
    return {
        "now": simulator.bank.now(),
        "organization": [
            client.get("/v2/organization", params=params).text
            for params in ({}, {"include_external_accounts": "true"})
        ],
        "lists": {name: client.get(f"/v2/{name}").json()[name] for name in _LISTS},
        "rows": rows,
    }


def _changed(simulator: Simulator, before: int) -> list[dict[str, Any]]:
    """Return the rows that were added or changed after a moment."""
    table = simulator.bank.table
    return [
        {"number": row.number, "columns": _columns(row), "body": _body(simulator, row).decode()}
        for row in table.get(table.find("WHERE updated > ? ORDER BY number", before))
    ]


def _client(simulator: Simulator) -> httpx2.Client:
    headers = {"Authorization": f"{simulator.login}:{simulator.secret}"}
    return httpx2.Client(transport=simulator.transport(), base_url="http://localhost", headers=headers)


def _version() -> str:
    """Return a digest of the simulator and of this module: what they make depends on nothing else."""
    digest = blake2b(digest_size=6)
    for file in (*_sources(), Path(__file__)):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield from sorted(Path(primanota.simulator.__file__).parent.rglob("*.py"))
