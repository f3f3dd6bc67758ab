"""How exported rows are found: by the numbers of their versions, of which a row rarely has several.

A batch has its rows in the order of settlement, nearly that of their versions, so that an index by version is written
page by page. One by the row's id, which is random, took several times as long.
"""

# The index of older books is replaced.
BY_VERSION = """
DROP INDEX sent_by_transaction;
CREATE INDEX sent_by_version ON sent (seq, batch);
"""


def versions_of(row: str) -> str:
    """Return the SQL list of all versions of a transaction, for ``sent.seq IN``.

    Args:
        row: the alias of the transaction's entry in ``latest``.
    """
    earlier = f"SELECT e.seq FROM earlier_version e WHERE e.kind = 'transaction' AND e.id = {row}.id"
    return f"(SELECT {row}.seq UNION ALL {earlier})"


# Where a row is in batches, given its id.
SENT_OF_ROW = f"""FROM latest l CROSS JOIN sent s ON s.seq IN {versions_of("l")}
                  WHERE l.kind = 'transaction' AND l.id = ?"""
