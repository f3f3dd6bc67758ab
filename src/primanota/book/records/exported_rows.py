"""Derived facts about exported rows: the version up to which all are exported, and the rows that may have changed.

They spare a look at each row; ``check`` compares them with versions and batches.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from primanota.book.file.database import AMONG, Database, listed
from primanota.book.file.derivations import MOVED, NAMED, NAMES
from primanota.book.file.sent_rows import SENT_OF_ROW, versions_of
from primanota.book.records.row_order import BOOKED

# The number of the rule by which a coverage is made: another one makes the stored ones void.
_RULE = 1


class ExportedPlace(NamedTuple):
    """The line of a batch's file in which a row is; ``current`` is whether that is its newest version."""

    batch: int
    line: int
    current: bool


class Coverage(msgspec.Struct, frozen=True):
    """The rows of an account that batches of a profile have all: those known up to a version.

    ``since`` is the first moment at which they settled (microseconds UTC). With ``moving`` only rows are meant whose
    amount is not zero.
    """

    since: int
    moving: bool
    seq: int


def covered_up_to(
    database: Database, profile: str, accounts: Iterable[str], since: int, *, moving: bool
) -> int | None:
    """Return the version up to which active batches have every row of the accounts; None if that is not known.

    Args:
        database: the book.
        profile: the name of the profile.
        accounts: the ids of the accounts.
        since: the first moment at which the rows settled (microseconds UTC).
        moving: only rows whose amount is not zero.
    """
    select = f"""SELECT count(*), min(seq) FROM coverage WHERE profile = ? AND rule = ? AND since <= ? AND moving <= ?
                 AND account {AMONG}"""
    keys = list(accounts)
    found, seq = next(database.rows(select, profile, _RULE, since, moving, listed(keys)))
    return int(seq) if keys and found == len(keys) else None


def cover(database: Database, profile: str, account: str, covered: Coverage) -> None:
    """Record that active batches of a profile have every row of an account up to a version; inside ``writing``."""
    database.execute(
        "INSERT OR REPLACE INTO coverage (profile, account, rule, since, moving, seq) VALUES (?, ?, ?, ?, ?, ?)",
        *(profile, account, _RULE, covered.since, covered.moving, covered.seq),
    )


def uncover(database: Database, profile: str) -> None:
    """Forget what is covered by batches of a profile, as one of them no longer counts; inside ``writing``."""
    database.execute("DELETE FROM coverage WHERE profile = ?", profile)


def supersede(database: Database, ids: Iterable[str]) -> None:
    """Note those of some changed transactions that are exported; inside ``writing``."""
    noted = f"INSERT OR IGNORE INTO superseded SELECT l.id {SENT_OF_ROW}"
    database.execute_each(noted, ((key,) for key in ids))


def supersede_named(database: Database, ids: Iterable[str]) -> None:
    """Note the exported rows that name one of some new or changed members or labels; inside ``writing``."""
    database.execute_each(_NOTE_NAMED, ((key,) for key in ids))


def forget_all(database: Database) -> None:
    """Forget what is covered and what may have changed; inside ``writing``."""
    database.execute("DELETE FROM coverage")
    database.execute("DELETE FROM superseded")


def first_unnoticed_change(database: Database) -> str:
    """Return the first exported row that may have changed and is not noted, in a sentence; else empty."""
    for found in (MOVED, NAMED):
        for (key,) in database.rows(f"SELECT id FROM ({found}) WHERE id NOT IN (SELECT id FROM superseded) LIMIT 1"):
            return f"the change of the exported transaction {key} is not noted"
    return ""


def first_uncovered(database: Database, active: Mapping[str, str]) -> str:
    """Return the first coverage with a row that no active batch has, in a sentence; empty if there is none.

    Args:
        database: the book.
        active: the numbers of each profile's active batches, as a JSON list, by the profile's name.
    """
    for (profile,) in list(database.rows(_COVERED, _RULE)):
        for (key,) in database.rows(_UNCOVERED, _RULE, profile, active.get(profile, "[]")):
            return f"transaction {key} counts as exported with {profile}, and no batch has it"
    return ""


# Every statement consists of constants; values are always passed as parameters.
_NOTE_NAMED = f"""INSERT OR IGNORE INTO superseded
                  SELECT s.id FROM (SELECT ? AS id) n, sent s JOIN version v ON v.seq = s.seq WHERE {NAMES}"""
_COVERED = "SELECT DISTINCT profile FROM coverage WHERE rule = ? ORDER BY profile"
_EXPORTED = f"batch {AMONG.replace('?', '?3')}"
# Nearly every row was exported in its newest version, and is found by that version's number, all at once.
_UNCOVERED = f"""SELECT l.id FROM coverage c CROSS JOIN latest l WHERE c.rule = ?1 AND c.profile = ?2
                 AND {BOOKED.replace("?", "c.account")} AND l.settled >= c.since AND l.seq <= c.seq
                 AND (l.amount <> 0 OR NOT c.moving) AND l.seq NOT IN (SELECT seq FROM sent WHERE {_EXPORTED})
                 AND NOT EXISTS (SELECT 1 FROM sent s WHERE s.seq IN {versions_of("l")} AND s.{_EXPORTED}) LIMIT 1"""


def places_of(database: Database, key: str) -> list[ExportedPlace]:
    """Return in which lines of which batches a row is, in the order of the batches."""
    select = f"SELECT s.batch, s.line, s.seq = l.seq {SENT_OF_ROW} ORDER BY s.batch, s.line"
    return [ExportedPlace(batch, line, bool(same)) for batch, line, same in database.rows(select, key)]


def last_batch_of(database: Database, key: str) -> int:
    """Return the number of the newest batch that has a row, by its id; 0 if none has."""
    return int(next(database.rows(f"SELECT ifnull(max(s.batch), 0) {SENT_OF_ROW}", key))[0])


def last_version_sent(database: Database, key: str) -> int:
    """Return the newest version of a row that was exported, by its id; 0 if there is none."""
    return int(next(database.rows(f"SELECT ifnull(max(s.seq), 0) {SENT_OF_ROW}", key))[0])
