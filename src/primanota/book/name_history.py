"""The names of members and labels, at present and at earlier moments."""

from typing import NamedTuple

from primanota import banks
from primanota.book.records.index import LABEL, MEMBER
from primanota.book.records.records import Book

_NAMES = """SELECT v.seq, v.kind, v.id, v.body FROM version v JOIN
            (SELECT seq FROM latest WHERE kind IN (?1, ?2)
             UNION ALL SELECT seq FROM earlier_version WHERE kind IN (?1, ?2)) USING (seq) ORDER BY v.seq"""


class _Name(NamedTuple):
    """The name that a record got in a version."""

    seq: int
    kind: str
    id: str
    name: str


class NameHistory:
    """The names of members and labels. A moment is the number of the version that was the book's newest then.

    Args:
        book: the stored records.
        connector: decodes them.
    """

    def __init__(self, book: Book, connector: banks.Connector) -> None:
        decode = {MEMBER: connector.member_name, LABEL: connector.label_name}
        known: dict[tuple[str, str], str] = {}
        self._given: list[_Name] = []
        for seq, kind, key, body in book.rows(_NAMES, MEMBER, LABEL):
            name = decode[kind](body)
            if known.get((kind, key)) != name:
                known[kind, key] = name
                self._given.append(_Name(seq, kind, key, name))

    @property
    def renamed(self) -> dict[str, int]:
        """Return the moment from which on each record has its present name, by the record's id."""
        return {one.id: one.seq for one in self._given}

    def at(self, moment: int) -> banks.Names:
        """Return the names at a moment; a record that was unknown then has none."""
        names: dict[str, dict[str, str]] = {MEMBER: {}, LABEL: {}}
        for one in self._given:
            if one.seq <= moment:
                names[one.kind][one.id] = one.name
        return banks.Names(names[MEMBER], names[LABEL])
