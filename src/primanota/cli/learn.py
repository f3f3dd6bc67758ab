"""``primanota profiles learn``: learn a profile from a file that the accounting tool accepts."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from primanota import profiles
from primanota.adapters.storage import disk
from primanota.app import sample_rows
from primanota.cli import output
from primanota.core.errors import DeliveryFailed, InvalidInput
from primanota.profiles import learning
from primanota.profiles.learning import Answer, Guess, Question

_ROWS = 3


@click.command()
@click.argument("sample", type=click.Path(path_type=Path))
@click.option("--to", type=click.Path(path_type=Path), metavar="FILE", help="The profile to write: a .toml.")
@click.option("--yes", is_flag=True, help="Ask nothing: take the most likely answers, and say which are not sure.")
@click.option("--json", "as_json", is_flag=True, help="A summary for machines on stdout.")
def learn(sample: Path, *, to: Path | None, yes: bool, as_json: bool) -> None:
    """Learn a profile from a CSV file that the tool accepts.

    Or from its template. Guesses the dialect of the file and the meaning of each column, and asks what is not sure.
    Writes the profile, and shows your newest rows in it.

    Example: primanota profiles learn bank-import.csv
    """
    place = _place(sample, to)
    data = _read(sample)
    guess = _ask(data) if sys.stdin.isatty() and not yes else learning.learn(data)
    for question in guess.questions:
        if not question.answers:
            raise InvalidInput(f"{sample}: {question.text} The file does not show it.", "Answer it in a terminal.")
    name = sample.name.encode(errors="replace").decode()  # its name may not be valid Unicode
    text = learning.profile_text(guess, f"Learnt from {name}", f"a sample, {name}")
    profile = profiles.parse(place.stem, text, str(place))
    _write(place, text)
    example = sample_rows.sample_rows(_ROWS)
    cells = sample_rows.cells(profile, example.statement)
    if as_json:
        unsure = [{"topic": question.topic, "guess": question.answers[0].value} for question in guess.questions]
        more = {"notes": guess.notes, "rows": cells, "invented": example.invented, "text": text}
        output.as_json({"path": str(place), "unsure": unsure} | more)
        return
    for sentence in (*guess.notes, *(question.note for question in guess.questions)):
        output.note(sentence)
    output.table(cells[0], cells[1:])
    output.result(example.origin)
    output.result(f"Written: {place}. Check it, then: primanota export {place} --new --dry-run")


def _place(sample: Path, to: Path | None) -> Path:
    """Return the path of the profile; a file that exists is never overwritten."""
    place = to or Path(f"{sample.stem}.toml")
    if place.suffix != ".toml":
        raise InvalidInput(f"{place} does not have the name of a profile.", "Name a file that ends with .toml.")
    if place.stem in profiles.names():
        message = f"The program has a profile {place.stem} already, and exports of both would be taken for the same."
        raise InvalidInput(message, "Name another file with --to.")
    if place.exists():
        raise _exists(place)
    return place


def _exists(place: Path) -> DeliveryFailed:
    return DeliveryFailed(f"{place} exists already.", "Name another file with --to.")


def _read(sample: Path) -> bytes:
    try:
        return sample.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{sample} cannot be read: {error.strerror or error}.", "Name a CSV file.") from None


def _write(place: Path, text: str) -> None:
    """Write the profile, whole or not at all."""
    if place.exists():  # it may have been created while questions were answered
        raise _exists(place)
    disk.write(place, [text.encode()])


def _ask(data: bytes) -> Guess:
    """Ask the open questions one after the other: an answer may settle others, too."""
    answers: dict[str, str] = {}
    guess = learning.learn(data)
    while guess.questions:
        question = guess.questions[0]
        answers[question.topic] = _answer(question)
        guess = learning.learn(data, answers)
    return guess


def _answer(question: Question) -> str:
    """Ask one question until it is answered: by the number of an answer, or in words."""
    output.info("")
    output.info(question.text)
    numbered = _numbered(question.answers or question.choices)
    width = max((len(answer.value) for answer in numbered.values()), default=0)
    for number, answer in numbered.items():
        output.info(f"  {number}  {answer.value:{width}}  {answer.meaning}".rstrip())
    best = next(iter(numbered)) if question.answers else ""
    while True:
        word = output.ask(question.topic, default=best, show_default=bool(best)).strip()
        try:
            return numbered[word].value if word in numbered else question.read(word)
        except ValueError as error:
            is_choice = bool(numbered) and (word.isdigit() or not word)
            output.info(f"Choose one of {', '.join(numbered)}, or answer in words." if is_choice else str(error))


def _numbered(answers: Sequence[Answer]) -> dict[str, Answer]:
    """Return answers by the number that chooses them: a column's own number, or their place."""
    return {
        answer.value if answer.value.isdigit() else str(number): answer for number, answer in enumerate(answers, 1)
    }
