"""``primanota profiles learn``: learn a profile from a file that the accounting tool accepts."""

import sys
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path

import click

from primanota import profiles
from primanota.adapters.storage import disk, regular_file
from primanota.app.queries import sample_rows
from primanota.cli.results.preview import preview
from primanota.cli.terminal import output
from primanota.core.errors import DeliveryFailed, InvalidInput
from primanota.core.text import display_width
from primanota.profiles import learning
from primanota.profiles.learning import Answer, Guess, Question

_ROWS = 3
_MOST_BYTES = 64 << 20  # its beginning is looked at, and its encoding is that of all of it


@click.command()
@click.argument("sample", type=click.Path(path_type=Path))
@click.option("--to", type=click.Path(path_type=Path), metavar="FILE", help="The profile to write: a .toml.")
@click.option(
    "--answer",
    "answers",
    multiple=True,
    metavar="TOPIC=ANSWER",
    help="The answer to a question, such as “Column 4=category”; may be repeated.",
)
@click.option("--yes", is_flag=True, help="Ask nothing: take the most likely answers, and say which are not sure.")
@click.option("--json", "as_json", is_flag=True, help="A summary for machines on stdout.")
def learn(sample: Path, *, to: Path | None, answers: Sequence[str], yes: bool, as_json: bool) -> None:
    """Learn a profile from a CSV file that the tool accepts.

    Or from its template. Guesses the dialect of the file and the meaning of each column, and asks what is not sure.
    Without a terminal, what is not sure is listed, and nothing is written until it is answered. Writes the profile,
    and shows your newest rows in it.

    Example: primanota profiles learn bank-import.csv
    """
    place = _place(sample, to)
    data = _read(sample)
    given, guess = _with_answers(data, answers)
    if sys.stdin.isatty() and not yes:
        guess = _ask(data, given, guess)
    elif guess.questions:
        _refuse_open(sample, guess.questions, yes=yes, as_json=as_json)
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
    preview(cells)
    output.line(example.origin)
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
        return regular_file.read(sample, _MOST_BYTES)
    except OSError as error:
        raise InvalidInput(f"{sample} cannot be read: {error.strerror or error}.", "Name a CSV file.") from None


def _write(place: Path, text: str) -> None:
    """Write the profile, whole or not at all."""
    if place.exists():  # it may have been created while questions were answered
        raise _exists(place)
    disk.write(place, [text.encode()])


def _with_answers(data: bytes, words: Sequence[str]) -> tuple[dict[str, str], Guess]:
    """Learn with the answers of the command line, and return them as the learning takes them.

    An answer may open another question. What a column contains can be answered although it is not asked.

    Raises:
        InvalidInput: an answer is not valid, or belongs to no question.
    """
    left = dict(map(_topic_and_answer, words))
    given: dict[str, str] = {}
    guess = learning.learn(data)
    while found := _first_answered(guess, left):
        topic, read = found
        word = left.pop(topic.casefold())
        try:
            given[topic] = read(word)
        except ValueError as error:
            raise InvalidInput(f"{topic}: “{word}” is not an answer.", str(error)) from None
        guess = learning.learn(data, given)
    if left:
        known = ", ".join([*(question.topic for question in guess.questions), *given]) or "no question at all"
        raise InvalidInput(f"The sample opens no question “{next(iter(left))}”.", f"It opens: {known}.")
    return given, guess


def _topic_and_answer(word: str) -> tuple[str, str]:
    topic, equals, answer = word.partition("=")
    if not equals:
        raise InvalidInput(f"--answer {word} has no equals sign.", "Write it like “Column 4=category”.")
    return " ".join(topic.split()).casefold(), answer.strip()


def _first_answered(guess: Guess, left: Collection[str]) -> tuple[str, Callable[[str], str]] | None:
    """Return a topic that has an answer, and the function that reads it: questions first, then columns."""
    columns = (f"Column {number}" for number, _ in enumerate(guess.options.columns, 1))
    readers: dict[str, Callable[[str], str]] = {one.topic: partial(_choose, one) for one in guess.questions}
    readers |= {topic: learning.read_meaning for topic in columns if topic not in readers}
    return next(((topic, read) for topic, read in readers.items() if topic.casefold() in left), None)


def _refuse_open(sample: Path, questions: Sequence[Question], *, yes: bool, as_json: bool) -> None:
    """Refuse what is not sure: all of it, or with ``yes`` what has no likely answer.

    Raises:
        InvalidInput: the questions are listed on stderr, and with ``as_json`` in the document.
    """
    needed = [question for question in questions if not (yes and question.answers)]
    if not needed:
        return
    for question in needed:
        output.info(f"{question.topic}: {question.text}")
        _show_answers(question)
    many = "a question" if len(needed) == 1 else f"{len(needed)} questions"
    first = needed[0]
    example = f'--answer "{first.topic}={next((one.value for one in (*first.answers, *first.choices)), "…")}"'
    likely = "" if yes or not all(one.answers for one in needed) else ", or take the first answer of each with --yes"
    problem = InvalidInput(
        f"{sample} does not show everything: it leaves {many} open.",
        f"Answer in a terminal, or with {example}{likely}.",
    )
    if as_json:
        output.as_json(output.error_data(problem) | {"questions": [_as_data(question) for question in needed]})
    raise problem


def _as_data(question: Question) -> dict[str, object]:
    answers = [{"value": one.value, "meaning": one.meaning} for one in question.answers or question.choices]
    return {"topic": question.topic, "text": question.text, "answers": answers}


def _ask(data: bytes, answers: dict[str, str], guess: Guess) -> Guess:
    """Ask the open questions one after the other: an answer may settle others, too."""
    while guess.questions:
        question = guess.questions[0]
        answers[question.topic] = _answer(question)
        guess = learning.learn(data, answers)
    return guess


def _answer(question: Question) -> str:
    """Ask one question until it is answered: by the number of an answer, or in words."""
    output.info("")
    output.info(question.text)
    numbered = _show_answers(question)
    best = next(iter(numbered)) if question.answers else ""
    while True:
        word = output.ask(question.topic, default=best, show_default=bool(best)).strip()
        try:
            return _choose(question, word)
        except ValueError as error:
            is_choice = bool(numbered) and (word.isdigit() or not word)
            output.info(f"Choose one of {', '.join(numbered)}, or answer in words." if is_choice else str(error))


def _show_answers(question: Question) -> dict[str, Answer]:
    """Write the answers of a question, each with its number, and return them by it."""
    numbered = _numbered(question.answers or question.choices)
    width = max((display_width(answer.value) for answer in numbered.values()), default=0)
    for number, answer in numbered.items():
        padding = " " * (width - display_width(answer.value))
        output.info(f"  {number}  {answer.value}{padding}  {answer.meaning}".rstrip())
    return numbered


def _choose(question: Question, word: str) -> str:
    """Return the answer with this number, or the answer in these words.

    Raises:
        ValueError: there is no such answer; the message says what is wrong.
    """
    numbered = _numbered(question.answers or question.choices)
    return numbered[word].value if word in numbered else question.read(word)


def _numbered(answers: Sequence[Answer]) -> dict[str, Answer]:
    """Return answers by the number that chooses them: a column's own number, or their place."""
    return {
        answer.value if answer.value.isdigit() else str(number): answer for number, answer in enumerate(answers, 1)
    }
