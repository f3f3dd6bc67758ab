"""The sentences of ``check``, ``book``, ``rules``, ``login`` and ``demo``."""

from primanota.core.language.catalogue import Plural, Texts


class CheckTexts(Texts, frozen=True):
    """What a check found."""

    reason: str
    chain_whole: str
    chain_broken: str
    sound: str
    damaged: str
    accepted: str
    not_accepted: str
    statement_differs: str
    file_missing: str
    file_changed: str
    files_whole: Plural


class BookTexts(Texts, frozen=True):
    """What happened to a whole book, and to the mails that came with it."""

    written: str
    manifest: str
    rebuilt: str
    nothing_waits: str
    waiting: Plural
    sent: Plural
    withdrawn: Plural


class RulesTexts(Texts, frozen=True):
    """Which rule matches which row."""

    head: str
    head_of_days: str
    no_rule: str
    to_clearing: Plural
    all_match: str
    no_rows: str


class LoginTexts(Texts, frozen=True):
    """A key that works or a consent that was given, and where its secret is kept."""

    works: str
    consented: str
    logged_out: str
    kept_in_store: str
    kept_in_file: str
    mail_password: str


class DemoTexts(Texts, frozen=True):
    """What follows the demo."""

    stays: str
    page: str
    invented: str


class UpkeepTexts(Texts, frozen=True):
    """The sentences of commands that are not of every week."""

    check: CheckTexts
    book: BookTexts
    rules: RulesTexts
    login: LoginTexts
    demo: DemoTexts
