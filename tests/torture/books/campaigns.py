"""The campaigns of changed books, one for each kind of change."""

import email
import email.policy
import os
import random
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

from tests.torture.books.company import OFFICE, WEEKS, Company, SentMail, Step
from tests.torture.books.tampering import Tamper, beside, cell, chained_version, page, row, schema
from tests.torture.campaign import Campaign
from tests.torture.canary import leaks
from tests.torture.commands import is_forbidden

# Damage of the book, what the check does not prove, and a file that cannot be delivered.
_REFUSED = {3, 6, 8}


@cache
def company(folder: Path) -> Company:
    """Return the company of a folder, which is made once in each process."""
    return Company(folder)


def broken_rules(folder: Path, tamper: Tamper, number: int, chance: random.Random) -> list[str]:
    """Change a book, run the commands of a week, and return what left otherwise than from the unchanged book."""
    here = company(folder)
    week = number % len(WEEKS)
    here.begin()
    if chance.random() < 0.5:  # the program has just left the book, and whoever changes it hides that
        here.run("batches")
        times = here.book.stat()
        done = tamper(here.book, chance, number // len(WEEKS))
        if here.book.exists():
            os.utime(here.book, ns=(times.st_atime_ns, times.st_mtime_ns))
    else:
        done = tamper(here.book, chance, number // len(WEEKS))
    steps = here.steps(week)
    left = "".join(step.text for step in steps) + "".join(
        f"{mail.content!r}" for step in steps for mail in step.mails
    )
    broken = [
        *_broken(steps, here.expected[week], here.staged, done),
        *leaks(here.folder, left, here.simulator.secret),
    ]
    return [f"{rule} [{done}]" for rule in broken]


def _broken(found: list[Step], expected: list[Step], staged: dict[str, bytes], done: str) -> Iterator[str]:
    for step, wanted in zip(found, expected, strict=True):
        said = f"{' '.join(step.words)}: exit {step.code}: {step.text[-300:]}"
        # The mail says in its notes that a waiting file was changed, and written anew from the book.
        mails = _parts if ".primanota-" in done else _whole
        if is_forbidden(step.code, step.text):
            yield said
        elif step.code in _REFUSED:
            if any(_parts(mail)[2] or mail.to != (OFFICE,) for mail in step.mails):
                yield f"refused, but mailed: {said}"
            if not _are_of(step.files, staged):
                yield f"refused, but left: {sorted(step.files)} {said}"
        elif "primanota book waiting" in step.text:  # without its note, it is not known where the book was before
            if step.files != wanted.files or not all(
                _parts(mail) in [*map(_parts, wanted.mails)] for mail in step.mails
            ):
                yield f"more than from the unchanged book: {said}"
        elif (step.code, [*map(mails, step.mails)]) != (wanted.code, [*map(mails, wanted.mails)]):
            yield f"not as from the unchanged book: {said}"
        elif step.files != wanted.files:
            other = [name for name in step.files | wanted.files if step.files.get(name) != wanted.files.get(name)]
            yield f"other files: {other} {said}"


def _whole(mail: SentMail) -> object:
    return mail


def _parts(mail: SentMail) -> tuple[str, tuple[str, ...], list[tuple[str | None, bytes]]]:
    """Return a mail's sender, recipients and attached files."""
    message = email.message_from_bytes(mail.content, policy=email.policy.default)
    files = [(one.get_filename(), one.get_content()) for one in message.iter_attachments()]
    return mail.sender, mail.to, files


def _are_of(files: dict[str, bytes | None], staged: dict[str, bytes]) -> bool:
    """Return whether what changed is an interrupted batch alone, whose file got its name."""
    return all(content is None or content in staged.values() for content in files.values())


def _run(tamper: Tamper, folder: Path, number: int, chance: random.Random) -> list[str]:
    return broken_rules(folder, tamper, number, chance)


def _campaign(name: str, tamper: Tamper, cases: int) -> Campaign:
    return Campaign(f"books: {name}", cases, partial(_run, tamper))


CAMPAIGNS = (
    _campaign("cells", cell, 2_500),
    _campaign("rows", row, 800),
    _campaign("versions with their hashes", chained_version, 250),
    _campaign("schema", schema, 340),
    _campaign("pages", page, 2_500),
    _campaign("files beside", beside, 400),
)
