"""SQL that derives facts about versions and exported rows, for a book that lacks them or makes them anew."""

# The versions of records of some kinds, beside those of transactions, which are many: kind, id, seq.
_VERSIONS_OF = """(SELECT kind, id, seq FROM latest WHERE kind IN ({0})
                   UNION ALL SELECT kind, id, seq FROM earlier_version WHERE kind IN ({0}))"""
# The newest version in the book when a batch was made, by the batch's number. Its own first version was made then.
AS_OF = f"""(SELECT CAST(id AS INTEGER) AS number, min(seq) AS as_of FROM {_VERSIONS_OF.format("'batch'")}
             GROUP BY id)"""
# A text with the escape “\\u” may name anything.
NAMES = "(instr(v.body, CAST(n.id AS BLOB)) > 0 OR instr(v.body, x'5C75') > 0)"

# Exported rows with a newer version, found by the versions that are not the newest ones.
MOVED = """SELECT s.id FROM earlier_version e CROSS JOIN sent s ON s.seq = e.seq AND s.id = e.id
           WHERE e.kind = 'transaction'"""
# Exported rows that name a member or a label with a version that is newer than their batch.
NAMED = f"""SELECT s.id FROM {AS_OF} b
    CROSS JOIN (SELECT id, max(seq) AS seq FROM {_VERSIONS_OF.format("'member', 'label'")} GROUP BY kind, id) n
      ON n.seq > b.as_of
    CROSS JOIN sent s ON s.batch = b.number CROSS JOIN version v ON v.seq = s.seq WHERE {NAMES}"""

DERIVED = (
    """INSERT INTO earlier_version SELECT kind, id, seq FROM version
       WHERE seq IN (SELECT seq FROM version EXCEPT SELECT seq FROM latest)""",
    f"INSERT OR IGNORE INTO superseded {MOVED}",
    f"INSERT OR IGNORE INTO superseded {NAMED}",
)
