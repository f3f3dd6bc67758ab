"""Questions in a terminal, the words that answer them, and how notes begin."""

from primanota.core.language.catalogue import Plural, Texts


class Answers(Texts, frozen=True):
    """How a question is shown with its answers, the words for yes and no, and what follows any other word."""

    question: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    again: str


class DayQuestions(Texts, frozen=True):
    """Questions for days; ``today`` is the answer that Enter gives."""

    first: str
    last: str
    today: str


class NewQuestions(Texts, frozen=True):
    """Questions before the first day of new rows is fixed."""

    beginning: str
    none: str
    of_day: Plural
    of_days: str
    confirm: str


class LoginQuestions(Texts, frozen=True):
    """Questions for keys, passwords and consents; ``arrived`` is what the browser shows afterwards."""

    login: str
    secret: str
    mail_password: str
    client_id: str
    client_secret: str
    open_address: str
    pasted: str
    arrived: str


class PromptTexts(Texts, frozen=True):
    """Questions, and what else a terminal shows on stderr."""

    note: str
    answers: Answers
    day: DayQuestions
    new: NewQuestions
    login: LoginQuestions
