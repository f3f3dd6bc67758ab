"""What undoing a batch does, in sentences, before it is done and after."""

import sys
from collections.abc import Iterator

from primanota.app.exporting.batches import UndoPlan
from primanota.cli import texts
from primanota.cli.terminal import output
from primanota.cli.texts.language import Writing, on_stderr
from primanota.core.errors import InvalidInput
from primanota.core.results import Batch


def ask_undo(plan: UndoPlan) -> None:
    """Say what undoing a batch will do, and ask; without a terminal, ``--yes`` must be given.

    Raises:
        InvalidInput: there is no terminal to ask in, or the answer is no.
    """
    number, writing, words = plan.batch.number, on_stderr(), texts.batches().undo
    output.info(words.will_be.format(number=number))
    for sentence in (new_rows(plan, writing), *other_rows(plan, writing)):
        output.info(sentence)
    if plan.batch.imported:
        output.info(import_advice(plan.batch, writing))
    if not sys.stdin.isatty():
        raise InvalidInput(f"Batch {number} was not undone: that is asked first, at a terminal.", "Add --yes.")
    if not output.confirm(words.question):
        raise InvalidInput(f"Batch {number} was not undone.", "Its rows still count as exported.")


def new_rows(plan: UndoPlan, writing: Writing) -> str:
    """Return how many rows become new, and of which days."""
    words, profile = texts.batches().undo, plan.batch.profile
    if not plan.first or not plan.last:
        return words.none_new.format(profile=profile)
    if plan.first == plan.last:
        return writing.counted(words.new_of_day, plan.new, profile=profile, day=writing.day(plan.first))
    days = {"first": writing.day(plan.first), "last": writing.day(plan.last)}
    return words.new_of_days.format(profile=profile, rows=writing.number(plan.new), **days)


def other_rows(plan: UndoPlan, writing: Writing) -> Iterator[str]:
    """Yield what holds for the rows of the batch that do not become new, in sentences."""
    words = texts.batches().undo
    if plan.staying and plan.first_day:
        yield writing.counted(words.staying, plan.staying, day=writing.day(plan.first_day))
    if plan.new + plan.staying < plan.batch.rows:
        yield words.others.format(profile=plan.batch.profile)


def import_advice(batch: Batch, writing: Writing) -> str:
    """Return what to do about the file of an undone batch."""
    words = texts.batches().undo
    if batch.imported:
        return words.was_imported.format(name=batch.name, day=writing.day(batch.imported))
    return words.do_not_import.format(name=batch.name)


def undo_data(login: str, plan: UndoPlan, free: int) -> dict[str, object]:
    """Return what undoing a batch did, for ``--json``."""
    return {
        "organisation": login,
        "batch": plan.batch.number,
        "state": "undone",
        "rows": plan.batch.rows,
        "new": min(plan.new, free),
        "first": plan.first,
        "last": plan.last,
        "staying_out": plan.staying,
    }
