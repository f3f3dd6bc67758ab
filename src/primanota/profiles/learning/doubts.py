"""What a sample leaves open, and what was answered. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from primanota.core.toml_source import quoted
from primanota.formats.option_errors import InvalidOptions
from primanota.formats.templates import check_template


class Answer(NamedTuple):
    """A possible answer, and what it means."""

    value: str
    meaning: str = ""


class Doubt(NamedTuple):
    """Something that a sample does not say: ``answers`` has the best guess first, and none where nobody can guess.

    ``read`` makes of what a person wrote the answer that it is, or raises ValueError with a sentence. ``choices`` are
    what a person can choose from where nobody can guess.
    """

    topic: str
    question: str
    answers: Sequence[Answer]
    read: Callable[[str], str]
    choices: Sequence[Answer] = ()

    @property
    def told(self) -> str:
        """What was guessed, and what else it may be, in a sentence."""
        best, *others = (quoted(answer.value) for answer in self.answers)
        return f"Not sure: {self.topic.lower()}, {best}. It may be {' or '.join(others)}."


class Open:
    """What has been answered, and what is still in doubt.

    Args:
        given: answers by their topics.
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self.doubts: list[Doubt] = []

    def decide(
        self,
        topic: str,
        question: str,
        answers: Sequence[Answer],
        read: Callable[[str], str] | None = None,
        choices: Sequence[Answer] = (),
    ) -> str:
        """What was answered; else the only thing that it can be; else the best guess, and that is a doubt."""
        if topic in self._given:
            return self._given[topic]
        if len(answers) != 1 and topic not in {doubt.topic for doubt in self.doubts}:
            self.doubts.append(Doubt(topic, question, answers, read or among(answers), choices))
        return answers[0].value if answers else ""


def among(answers: Sequence[Answer]) -> Callable[[str], str]:
    """Takes one of the answers, and nothing else."""

    def read(word: str) -> str:
        if word not in {answer.value for answer in answers}:
            raise ValueError(f"It is one of {', '.join(answer.value for answer in answers)}.")
        return word

    return read


def template(text: str) -> str:
    """Takes a template that can be filled in.

    Raises:
        ValueError: it cannot be; what is wrong and what to do, in sentences.
    """
    try:
        check_template(text)
    except InvalidOptions as invalid:
        first = invalid.mistakes[0]
        message = f"{first.message[:1].upper()}{first.message[1:]}."
        raise ValueError(f"{message} {first.hint}".strip()) from None
    return text
