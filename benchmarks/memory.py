"""Peak memory of a first sync and of an export, for a book and for one ten times as large."""

import tempfile
from pathlib import Path

from bank import served
from measure import PROGRAM, Row, Took, note, run, seconds

_SMALL, _LARGE = 30_000, 300_000
_PROMISE = "under 250 MB, and flat"


def measure() -> list[Row]:
    """Sync and export every account of both books."""
    small, large = _peaks(_SMALL), _peaks(_LARGE)
    return [
        _row(what, *pair) for what, pair in zip(("First sync", "Export"), zip(large, small, strict=True), strict=True)
    ]


def _row(what: str, large: Took, small: Took) -> Row:
    return Row(
        f"{what} of {_LARGE:,} transactions, no latency",
        f"{seconds([large])}",
        f"Primanota with {_SMALL:,}: {seconds([small])}",
        f"{large.megabytes / small.megabytes:.2f} times the memory",
        f"{large.megabytes:.0f} MB against {small.megabytes:.0f} MB",
        _PROMISE,
    )


def _peaks(size: int) -> tuple[Took, Took]:
    note(f"memory: {size:,} transactions")
    with tempfile.TemporaryDirectory() as folder, served(size) as bank:
        environment = bank.environment(Path(folder))
        synced = run(PROGRAM, "sync", env=environment)
        days = ("--since", "2000-01-01", "--until", "2099-12-31")
        exported = run(PROGRAM, "export", "lexware", *days, "--to", folder, env=environment)
        note(f"  sync {synced.megabytes:.0f} MB, export {exported.megabytes:.0f} MB")
    return synced, exported
