"""The report of a run, for the command line, ``--json``, the mail and Lambda."""

from zoneinfo import ZoneInfo

import msgspec

from primanota.app.exporting.export import with_present_batches
from primanota.book import Batches, Book
from primanota.core.errors import PrimanotaError
from primanota.core.notice import Notice
from primanota.core.period import Period
from primanota.core.results import AccountExport, Findings, SyncedAccount
from primanota.core.selection import Selection
from primanota.export.delivery import Recovered


class RunReport(msgspec.Struct):
    """Report of a run; partially filled if the run failed.

    ``findings`` are those of the period, if the selection is one; ``findings_of_other_days`` counts the others,
    without those that can wait. ``recovered`` are batches of interrupted runs, ``notes`` are for the user,
    ``failure`` is the error that ended the run. ``repeated`` is true if an earlier run with this key wrote its
    letter; ``unsent`` are the errors of letters that could not be sent. ``zone`` is the organisation's time zone,
    None if the run failed before it was known, ``company`` its name, empty if it is not known.
    """

    synced: list[SyncedAccount] = []
    findings: Findings = Findings()
    findings_of_other_days: int = 0
    selection: Selection | None = None
    exports: list[AccountExport] = []
    recovered: list[Recovered] = []
    notes: list[Notice] = []
    failure: PrimanotaError | None = None
    repeated: bool = False
    unsent: list[PrimanotaError] = []
    zone: ZoneInfo | None = None
    company: str = ""

    @property
    def ended_early(self) -> bool:
        """Return whether the run failed before anything could be exported."""
        return bool(self.failure) and not self.exports

    @property
    def failure_kind(self) -> str:
        """Return the class name of the error that ended the run; empty if there is none."""
        return type(self.failure).__name__ if self.failure else ""

    @property
    def period(self) -> Period | None:
        """Return the selection if it is a period, else None."""
        return self.selection if isinstance(self.selection, Period) else None

    @property
    def rows(self) -> int:
        """Return how many rows were exported."""
        return sum(one.rows for one in self.exports)

    def refresh_deliveries(self, book: Book) -> None:
        """Read the present state of the deliveries from the book."""
        self.exports = [with_present_batches(Batches(book), one) for one in self.exports]

    def raise_if_failed(self) -> None:
        """Raise the error that ended the run, or else that of the first letter that could not be sent.

        Raises:
            PrimanotaError: the error.
        """
        for error in (self.failure, *self.unsent):
            if error:
                raise error
