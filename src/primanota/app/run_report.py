"""The report of a run: what every door shows, and what the mail tells."""

from zoneinfo import ZoneInfo

import msgspec

from primanota.app.export import with_present_batches
from primanota.book import Batches, Book
from primanota.core.errors import PrimanotaError
from primanota.core.period import Period
from primanota.core.results import AccountExport, Finding, SyncedAccount
from primanota.core.selection import Selection
from primanota.export.delivery import Recovered


class RunReport(msgspec.Struct):
    """Report of a run; partially filled if the run failed.

    ``recovered`` are batches of interrupted runs, ``notes`` are sentences for the user, ``failure`` is what ended the
    run. ``repeated`` says that a run with this key had written its letter before, ``unsent`` why letters wait.
    ``zone`` is the organisation's time zone, None where the run did not come to know it.
    """

    synced: list[SyncedAccount] = []
    findings: list[Finding] = []
    selection: Selection | None = None
    exports: list[AccountExport] = []
    recovered: list[Recovered] = []
    notes: list[str] = []
    failure: PrimanotaError | None = None
    repeated: bool = False
    unsent: list[PrimanotaError] = []
    zone: ZoneInfo | None = None

    @property
    def ended_early(self) -> bool:
        """Return whether the run failed before anything could be exported."""
        return bool(self.failure) and not self.exports

    @property
    def failure_kind(self) -> str:
        """Return the kind of error that ended the run; empty where none did."""
        return type(self.failure).__name__ if self.failure else ""

    @property
    def period(self) -> Period | None:
        """Return the period, where the selection is one."""
        return self.selection if isinstance(self.selection, Period) else None

    @property
    def rows(self) -> int:
        """Return how many rows were exported."""
        return sum(one.rows for one in self.exports)

    def refresh_deliveries(self, book: Book) -> None:
        """Read again which destinations have the files by now."""
        self.exports = [with_present_batches(Batches(book), one) for one in self.exports]

    def raise_if_failed(self) -> None:
        """Raise what ended the run, or why its letter waits.

        Raises:
            PrimanotaError: one of them.
        """
        for error in (self.failure, *self.unsent):
            if error:
                raise error
