"""The sentences of ``run``, ``sync``, ``export``, ``status`` and ``list``."""

from primanota.core.language.catalogue import Plural, Texts


class SyncTexts(Texts, frozen=True):
    """What a sync found."""

    not_proven: str
    vanished: str
    released: str


class RunTexts(Texts, frozen=True):
    """What a run says beside its sync, its review and its export."""

    repeated: str
    dry: str
    mailed: str


class ExportTexts(Texts, frozen=True):
    """What was written, and why nothing was."""

    title: str
    recovered: str
    written: Plural
    waits: Plural
    nothing_new: str
    nothing_new_before: str
    nothing_changed: str
    nothing_on_day: str
    nothing_in_period: str
    mail_waits: str
    changed_texts: Plural
    changed_text: str
    preview: Plural


class StatusTexts(Texts, frozen=True):
    """The state of a book."""

    behind: str
    new: str
    to_look_at: str
    nothing_to_look_at: str
    not_imported: str
    newest_not_imported: str
    next_run: str
    scheduled: str
    not_scheduled: str


class ListTexts(Texts, frozen=True):
    """Rows of the book."""

    sums: str
    nothing: str


class WeeklyTexts(Texts, frozen=True):
    """The sentences of the commands of every week."""

    sync: SyncTexts
    run: RunTexts
    export: ExportTexts
    status: StatusTexts
    rows: ListTexts
