"""What counts as exported must be in an active batch of the same profile."""

from pathlib import Path
from random import Random

import msgspec

from primanota.book import Book
from primanota.book.records.exported_rows import Coverage
from primanota.core.period import microseconds
from tests.support.clock import NOON
from tests.unit.book.test_fast_ways import World


def test_rows_of_batches_that_do_not_count_are_not_covered(tmp_path: Path) -> None:
    """A row that only a batch of another profile has, or one that was undone, does not count as exported."""
    with Book(tmp_path / "b", lambda: microseconds(NOON)) as book, book.run("sync"):
        world, tool, account = World(book, Random(1)), "lexware", "account-1"  # noqa: S311 - not a secret
        for _ in range(9):
            world._arrive()
        covered = Coverage(0, moving=False, seq=book.newest_version)
        with book.writing(), world.selected(tool, account, 0, moving=False) as rows:
            batch = world._batch(tool, account, rows)
            rows.add_to_batch(batch.number, rows.lines)
            world.batches.save(batch)
            world.batches.cover(tool, account, covered)
        assert world.batches.first_wrong_derivation() == ""
        with book.writing():
            world.batches.cover("datev", account, covered)
        assert "counts as exported with datev" in world.batches.first_wrong_derivation()
        with book.writing():
            world.batches.save(msgspec.structs.replace(batch, state="undone"))
            world.batches.cover(tool, account, covered)
            book.execute("DELETE FROM coverage WHERE profile = 'datev'")
        assert "counts as exported with lexware" in world.batches.first_wrong_derivation()
