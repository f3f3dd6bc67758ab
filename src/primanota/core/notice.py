"""A notice: a sentence for a person that is told in their language, as the name of its text and the values in it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from primanota.core.model import Money

# A datetime is local to the organisation. A text stands in the sentence as it is: names, and numbers of batches.
NoticeValue = str | date | datetime | Money


class Notice(msgspec.Struct, frozen=True):
    """A notice: the name of its text in the catalogue (``NoticeTexts``), and the values of its placeholders.

    ``number`` decides between the singular and the plural, where the text has both; else it is None.
    """

    name: str
    values: Mapping[str, Any] = {}
    number: int | None = None

    @classmethod
    def of(cls, name: str, number: int | None = None, /, **values: NoticeValue) -> "Notice":
        """Return the notice of a name, with the values of its placeholders."""
        return cls(name, values, number)
