"""``primanota profiles learn``: a profile from a file that the tool accepts."""

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
from primanota.profiles.learning import Answer, Doubt, Guess

_ROWS = 3


@click.command()
@click.argument("sample", type=click.Path(path_type=Path))
@click.option("--to", type=click.Path(path_type=Path), metavar="FILE", help="Where the profile goes: a .toml.")
@click.option("--yes", is_flag=True, help="Ask nothing: take the likeliest answers, and say which are not sure.")
@click.option("--json", "as_json", is_flag=True, help="A summary for machines on stdout.")
def learn(sample: Path, *, to: Path | None, yes: bool, as_json: bool) -> None:
    """Learn a profile from a CSV file that the tool accepts.

    Or from its template. Guesses how the file is written and which column is what, and asks where that is not sure.
    Writes the profile, and shows your newest rows in it.

    Example: primanota profiles learn bank-import.csv
    """
    place = _place(sample, to)
    data = _read(sample)
    guess = _ask(data) if sys.stdin.isatty() and not yes else learning.learn(data)
    for doubt in guess.doubts:
        if not doubt.answers:
            raise InvalidInput(f"{sample}: {doubt.question} Nothing in it tells.", "Answer it in a terminal.")
    name = sample.name.encode(errors="replace").decode()  # a file may be called what no text can hold
    text = learning.as_toml(guess, f"Learnt from {name}", f"a sample, {name}")
    profile = profiles.parse(place.stem, text, str(place))
    _write(place, text)
    example = sample_rows.sample_rows(_ROWS)
    cells = sample_rows.cells(profile, example.statement)
    if as_json:
        unsure = [{"topic": doubt.topic, "guess": doubt.answers[0].value} for doubt in guess.doubts]
        more = {"notes": guess.notes, "rows": cells, "invented": example.invented, "text": text}
        output.as_json({"path": str(place), "unsure": unsure} | more)
        return
    for sentence in (*guess.notes, *(doubt.told for doubt in guess.doubts)):
        output.note(sentence)
    output.table(cells[0], cells[1:])
    output.result(example.origin)
    output.result(f"Written: {place}. Look at it, then: primanota export {place} --new --dry-run")


def _place(sample: Path, to: Path | None) -> Path:
    """Where the profile goes; nothing that is there is ever overwritten."""
    place = to or Path(f"{sample.stem}.toml")
    if place.suffix != ".toml":
        raise InvalidInput(f"{place} would not be found as a profile.", "Name a file that ends with .toml.")
    if place.stem in profiles.names():
        what = f"A profile called {place.stem} is there already, and what left by either would be taken for the same."
        raise InvalidInput(what, "Name another file with --to.")
    if place.exists():
        raise _taken(place)
    return place


def _taken(place: Path) -> DeliveryFailed:
    return DeliveryFailed(f"{place} is already there.", "Name another file with --to.")


def _read(sample: Path) -> bytes:
    try:
        return sample.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{sample} cannot be read: {error.strerror or error}.", "Name a CSV file.") from None


def _write(place: Path, text: str) -> None:
    """The profile, whole or not at all."""
    if place.exists():  # since then many questions may have been answered
        raise _taken(place)
    disk.write(place, [text.encode()])


def _ask(data: bytes) -> Guess:
    """Ask whatever the sample leaves open, one thing after the other: an answer may answer others, too."""
    answers: dict[str, str] = {}
    guess = learning.learn(data)
    while guess.doubts:
        doubt = guess.doubts[0]
        answers[doubt.topic] = _answer(doubt)
        guess = learning.learn(data, answers)
    return guess


def _answer(doubt: Doubt) -> str:
    """Ask one question until it is answered: with the number of an answer, or in words."""
    output.info(f"\n{doubt.question}")
    numbered = _numbered(doubt.answers or doubt.choices)
    width = max((len(answer.value) for answer in numbered.values()), default=0)
    for number, answer in numbered.items():
        output.info(f"  {number}  {answer.value:{width}}  {answer.meaning}".rstrip())
    best = next(iter(numbered)) if doubt.answers else ""
    while True:
        word = click.prompt(doubt.topic, default=best, show_default=bool(best), err=True).strip()
        try:
            return numbered[word].value if word in numbered else doubt.read(word)
        except ValueError as error:
            is_choice = bool(numbered) and (word.isdigit() or not word)
            output.info(f"Take one of {', '.join(numbered)}, or answer in words." if is_choice else str(error))


def _numbered(answers: Sequence[Answer]) -> dict[str, Answer]:
    """Answers by what chooses them: a column's own number, or their place."""
    return {
        answer.value if answer.value.isdigit() else str(number): answer for number, answer in enumerate(answers, 1)
    }
