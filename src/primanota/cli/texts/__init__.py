"""The texts of the terminal, in its language: a function for each part, which loads it when it is first used."""

from functools import cache
from typing import TYPE_CHECKING, TypeVar

from primanota.cli.texts.language import spoken

if TYPE_CHECKING:
    from primanota.cli.texts.batch_texts import BatchTexts
    from primanota.cli.texts.close_texts import ClosingTexts
    from primanota.cli.texts.fleet_texts import FleetTexts
    from primanota.cli.texts.import_texts import ImportTexts
    from primanota.cli.texts.progress_texts import ProgressTexts
    from primanota.cli.texts.prompt_texts import PromptTexts
    from primanota.cli.texts.receipt_texts import ReceiptTexts
    from primanota.cli.texts.review_texts import ReviewTexts
    from primanota.cli.texts.schedule_texts import ScheduleTexts
    from primanota.cli.texts.table_texts import TableTexts
    from primanota.cli.texts.upkeep_texts import UpkeepTexts
    from primanota.cli.texts.weekly_texts import WeeklyTexts
    from primanota.core.language.bookkeeping import Bookkeeping
    from primanota.core.language.catalogue import Texts

    _Part = TypeVar("_Part", bound=Texts)


def words() -> "Bookkeeping":
    """Return the words of bookkeeping, which mails and the page have as well."""
    from primanota.core.language.bookkeeping import bookkeeping

    return bookkeeping(spoken())


def tables() -> "TableTexts":
    """Return headings, and the words in the cells of tables."""
    from primanota.cli.texts.table_texts import TableTexts

    return _loaded("tables", TableTexts)


def weekly() -> "WeeklyTexts":
    """Return the sentences of ``run``, ``sync``, ``export``, ``status`` and ``list``."""
    from primanota.cli.texts.weekly_texts import WeeklyTexts

    return _loaded("weekly", WeeklyTexts)


def batches() -> "BatchTexts":
    """Return the sentences of ``batches``."""
    from primanota.cli.texts.batch_texts import BatchTexts

    return _loaded("batches", BatchTexts)


def closing() -> "ClosingTexts":
    """Return the sentences of ``close``."""
    from primanota.cli.texts.close_texts import ClosingTexts

    return _loaded("closing", ClosingTexts)


def imports() -> "ImportTexts":
    """Return the sentences of ``import``."""
    from primanota.cli.texts.import_texts import ImportTexts

    return _loaded("imports", ImportTexts)


def prompts() -> "PromptTexts":
    """Return questions, and the words that answer them."""
    from primanota.cli.texts.prompt_texts import PromptTexts

    return _loaded("prompts", PromptTexts)


def progress() -> "ProgressTexts":
    """Return the texts of the progress bar."""
    from primanota.cli.texts.progress_texts import ProgressTexts

    return _loaded("progress", ProgressTexts)


def receipts() -> "ReceiptTexts":
    """Return the sentences of ``receipts`` and ``statements``."""
    from primanota.cli.texts.receipt_texts import ReceiptTexts

    return _loaded("receipts", ReceiptTexts)


def review() -> "ReviewTexts":
    """Return the texts of a review, and of the findings that a run shows."""
    from primanota.cli.texts.review_texts import ReviewTexts

    return _loaded("review", ReviewTexts)


def schedule() -> "ScheduleTexts":
    """Return the sentences of ``schedule``."""
    from primanota.cli.texts.schedule_texts import ScheduleTexts

    return _loaded("schedule", ScheduleTexts)


def fleet() -> "FleetTexts":
    """Return the sentences of ``fleet``."""
    from primanota.cli.texts.fleet_texts import FleetTexts

    return _loaded("fleet", FleetTexts)


def upkeep() -> "UpkeepTexts":
    """Return the sentences of ``check``, ``book``, ``rules``, ``login`` and ``demo``."""
    from primanota.cli.texts.upkeep_texts import UpkeepTexts

    return _loaded("upkeep", UpkeepTexts)


def _loaded(part: str, kind: "type[_Part]") -> "_Part":
    found: _Part = _in(spoken(), part, kind)
    return found


@cache
def _in(language: str, part: str, kind: "type[_Part]") -> "_Part":
    from primanota.core.language.catalogue import load

    return load(part, language, kind)
