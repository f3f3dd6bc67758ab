"""What was written: a file, its rows and sums, and what a person should know of it."""

from pathlib import Path

import msgspec

from primanota.book import Batch
from primanota.core.model import Account, TextChange


class Exported(msgspec.Struct):
    """A file: how many rows, what came in and went out, the balances at both ends. Cents.

    ``path`` is its place on this machine, None where it has none; ``copies`` are its further places. ``batch`` is
    None where there was nothing to write. ``proven`` says whether the chain within the selection is whole; None
    where the bank states no running balance for the account. The balances are None also where rows between the first
    and the last one are not part of the file. ``before`` tells how many of the account's rows had left already, in
    which batch; ``text_changes`` which texts the file could not hold as they were; ``left_out`` how many of the
    account's rows move nothing and stay out.
    """

    account: Account
    path: Path | None = None
    opening: int | None = None
    closing: int | None = None
    proven: bool | None = None
    rows: int = 0
    sum_in: int = 0
    sum_out: int = 0
    batch: int | None = None
    before: dict[int, int] = {}
    text_changes: list[TextChange] = []
    left_out: int = 0
    copies: tuple[str, ...] = ()


def of_batch(batch: Batch, account: Account) -> Exported:
    """A file that left before, as far as its batch tells."""
    return Exported(
        account,
        Path(batch.path) if batch.path else None,
        batch.opening,
        batch.closing,
        batch.proven,
        batch.rows,
        batch.sum_in,
        batch.sum_out,
        batch=batch.number,
        copies=tuple(copy.place for copy in batch.copies),
    )


def told_before(done: Exported) -> str:
    """How many rows of a file left already, in which batches, in a sentence."""
    many = ", ".join(f"{count} in batch {number}" for number, count in done.before.items())
    return f"{done.account.name}: rows of this file left already, {many}. Imported twice, they would be there twice."
