"""Questions that a sample leaves open, and the answers to them. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from primanota.core.toml_source import quoted
from primanota.formats.option_errors import InvalidOptions
from primanota.formats.templates import check_template


class Answer(NamedTuple):
    """A possible answer, and what it means."""

    value: str
    meaning: str = ""


class Question(NamedTuple):
    """A question that the sample does not answer: ``answers`` has the best guess first, or is empty without a guess.

    ``read`` turns a person's words into an answer, or raises ValueError with a sentence. ``choices`` are offered if
    there is no guess.
    """

    topic: str
    text: str
    answers: Sequence[Answer]
    read: Callable[[str], str]
    choices: Sequence[Answer] = ()

    @property
    def note(self) -> str:
        """The guess and its alternatives, as a sentence; without a guess what is not known."""
        if not self.answers:
            return f"Not known: {self.topic.lower()}."
        best, *others = (quoted(answer.value) for answer in self.answers)
        more = f" It may be {' or '.join(others)}." if others else ""
        return f"Not sure: {self.topic.lower()}, {best}.{more}"


class Questions:
    """The answers that were given, and the questions that are still open.

    Args:
        given: answers by the topics of their questions.
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self._guessed: dict[str, str] = {}
        self.open: list[Question] = []

    def settled(self, topic: str) -> str | None:
        """Return the answer that was given, or guessed by an open question; None if the topic did not come up."""
        return self._given.get(topic, self._guessed.get(topic))

    def decide(
        self,
        topic: str,
        text: str,
        answers: Sequence[Answer],
        read: Callable[[str], str] | None = None,
        choices: Sequence[Answer] = (),
        *,
        doubt: bool = False,
    ) -> str:
        """Return the given answer, else the only possible one, else the best guess; a guess opens a question.

        A ``doubt`` is asked even with a single guess.
        """
        if topic in self._given:
            return self._given[topic]
        best = answers[0].value if answers else ""
        if (doubt or len(answers) != 1) and topic not in self._guessed:
            self.open.append(Question(topic, text, answers, read or one_of(answers), choices))
            self._guessed[topic] = best
        return best


def one_of(answers: Sequence[Answer]) -> Callable[[str], str]:
    """Return a function that accepts one of the answers only."""

    def read(word: str) -> str:
        if word not in {answer.value for answer in answers}:
            raise ValueError(f"Answer one of {', '.join(answer.value for answer in answers)}.")
        return word

    return read


def read_template(text: str) -> str:
    """Return a template if it is valid.

    Raises:
        ValueError: it is not; the message says in sentences what is wrong and what to do.
    """
    try:
        check_template(text)
    except InvalidOptions as invalid:
        first = invalid.mistakes[0]
        message = f"{first.message[:1].upper()}{first.message[1:]}."
        raise ValueError(f"{message} {first.hint}".strip()) from None
    return text
