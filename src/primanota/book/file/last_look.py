"""What a person had seen of the book before the newest sync, as its log of runs tells."""

from primanota.book.file.database import Database


def last_look(database: Database) -> int:
    """Return the newest version of the book when a person last saw its findings; 0 if there was no such moment.

    That is the end of the last export, or of the last word on a finding, before the newest sync began: every weekly
    run ends with an export, and reports what is to be looked at. In a book without exports it is the sync before.
    What a run has read is new until the next sync begins, so that its report and a review after it say the same.
    """
    for (number,) in database.rows(_SEEN):
        return next((int(seq) for (seq,) in database.rows(_NEWEST_OF_RUNS, number)), 0)
    return 0


# Every statement consists of constants.
_SEEN = """SELECT r.number FROM run r, (SELECT number, started FROM run WHERE command LIKE 'sync%'
                                        ORDER BY number DESC LIMIT 1) s
           WHERE r.number < s.number AND r.outcome = 'done' AND r.ended <= s.started
             AND (r.command LIKE 'sync%' OR r.command LIKE 'export %' OR r.command LIKE 'review %')
           ORDER BY r.command LIKE 'sync%', r.number DESC LIMIT 1"""
# The versions have no index by run, and are read from the newest one on: few are newer.
_NEWEST_OF_RUNS = """SELECT v.seq FROM version v, (SELECT run FROM version WHERE seq = 1) first
                     WHERE v.run <= ?1 AND first.run <= ?1 ORDER BY v.seq DESC LIMIT 1"""
