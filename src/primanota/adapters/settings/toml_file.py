"""The settings file: from TOML into structs and back, and its mistakes in words, each with its line.

default = "acme-corp-1234"             # the organisation meant when none is named

[organisation.acme-corp-1234]
secret = "keyring"                     # or "file", or "command:pass show qonto": a reference, never the secret
api_url = "https://thirdparty.qonto.com"
timezone = "Europe/Berlin"             # default: by the company's country
profile = "lexware"                    # what run and export write where nobody says it
to = ["~/Books", "s3://bucket/files/", "mailto:ada@example.com"]
book = "s3://bucket/acme.book"         # or "shared:/mnt/office/acme.book"; default: on this machine
language = "de"                        # of mails; default: by the company's country

[organisation.acme-corp-1234.mail]     # who sends mails, and through which server
from = "books@example.com"
server = "smtp.example.com:587"        # or "smtps://…", or "ses"
user = "books@example.com"
password = "keyring"                   # a reference, like that to the secret

[organisation.acme-corp-1234.s3]       # a host that is not Amazon's, another key: s3.py has the keys
endpoint = "https://s3.example.com"

[organisation.acme-corp-1234.ledger]   # its ledger accounts
[[organisation.acme-corp-1234.rule]]   # which rows belong to which of them: accounts.py has the keys of both
"""

import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_origin

import msgspec

from primanota.adapters.storage import disk
from primanota.adapters.storage.s3 import Store
from primanota.core import toml_source
from primanota.core.errors import InvalidConfiguration, among
from primanota.core.posting_rules import Chart, Rule, idle

PRODUCTION = "https://thirdparty.qonto.com"
_MEND = "Mend it there."
_MEND_TOML = "Look for a quote, a bracket or a comma that is missing, there or before it."
# What a login writes of an organisation; the rest belongs to whoever wrote it.
_WRITTEN = ("secret", "api_url", "timezone")
_T = TypeVar("_T")


Language = Literal["", "de", "en", "es", "fr", "it"]


class Mail(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"sender": "from"}):
    """Who sends mails, through which server, as which user; ``password`` is a reference, never the thing itself."""

    sender: str
    server: str
    user: str = ""
    password: str = ""


class OrganisationSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says of one organisation; ``secret`` is a reference, never the secret itself."""

    secret: str = "keyring"  # noqa: S105 - the name of a place
    api_url: str = PRODUCTION
    timezone: str = ""
    profile: str = ""
    to: tuple[str, ...] = ()
    book: str = ""
    language: Language = ""
    mail: Mail | None = None
    s3: Store = Store()
    ledger: Chart | None = None
    rule: tuple[Rule, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    default: str = ""
    organisation: dict[str, dict[str, Any]] = {}


class Settings(NamedTuple):
    """What the file says: the login of the organisation meant when none is named, and all of them by their logins."""

    default: str
    organisations: dict[str, OrganisationSettings]


def read(file: Path) -> Settings:
    """What the file says; nothing where there is none.

    Raises:
        InvalidConfiguration: it cannot be read, or has a mistake; the sentence names file and line.
    """
    text = _text(file)
    try:
        return _understood(tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:  # it names its line
        raise InvalidConfiguration(f"{file}: {error}.", _MEND_TOML) from None
    except _Mistake as mistake:
        lines = toml_source.lines(text)
        line = toml_source.line_of(lines, mistake.keys)
        also = f" (line {toml_source.line_of(lines, mistake.because_of)})" if mistake.because_of else ""
        raise InvalidConfiguration(f"{file}, line {line}: {mistake}{also}.", mistake.hint) from None


def write(file: Path, settings: Settings) -> None:
    """Say in the file what it does not say yet. All else in it stays, word for word.

    Raises:
        InvalidConfiguration: it cannot be read, or is written so that no program can change it.
        DeliveryFailed: it cannot be written.
    """
    text = _text(file)
    for table, key, value in _news(settings, read(file)):
        try:
            text = toml_source.with_text(text, table, key, value)
        except ValueError as error:
            raise InvalidConfiguration(f"{file}: {error}.", f"Say there yourself that {key} is “{value}”.") from None
    disk.write(file, [text.encode()])


def rule_lines(file: Path, login: str) -> list[int]:
    """On which line of the file each rule of an organisation begins."""
    lines, rules = toml_source.lines(_text(file)), read(file).organisations[login].rule
    return [lines["organisation", login, "rule", place] for place in range(len(rules))]


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")  # editors of Windows begin with a mark
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise InvalidConfiguration(f"{file} is not written in UTF-8.", "Save it as UTF-8.") from None
    except OSError as error:
        raise InvalidConfiguration(
            f"{file} cannot be read: {error.strerror or error}.", "Look at its rights."
        ) from None


def _news(settings: Settings, known: Settings) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Table, key and value of everything that is not known yet."""
    if settings.default != known.default:
        yield (), "default", settings.default
    for login, organisation in settings.organisations.items():
        before = known.organisations.get(login)
        for key in _WRITTEN:
            value: str = getattr(organisation, key)
            if value != (getattr(before, key) if before else ""):
                yield ("organisation", login), key, value


class _Mistake(ValueError):
    """Something is wrong: what, in a sentence; where; what to do; and because of what else in the file."""

    def __init__(
        self, sentence: str, keys: toml_source.Keys, do: str = _MEND, because_of: toml_source.Keys = ()
    ) -> None:
        super().__init__(sentence)
        self.keys = keys
        self.hint = do
        self.because_of = because_of


def _understood(said: dict[str, Any]) -> Settings:
    file = _converted(said, _File, ())
    found = {}
    for login, table in file.organisation.items():
        found[login] = _converted(table, OrganisationSettings, ("organisation", login))
        _check_rules(found[login], ("organisation", login))
    return Settings(file.default, found)


def _converted(said: dict[str, Any], kind: type[_T], keys: toml_source.Keys) -> _T:
    try:
        return msgspec.convert(said, kind)
    except msgspec.ValidationError as error:
        sentence, inner = toml_source.misfit(error)
        raise _mistake(sentence, (*keys, *inner)) from None


def _mistake(sentence: str, keys: toml_source.Keys) -> _Mistake:
    if unknown := re.fullmatch("there is no key “(.*)”", sentence, re.DOTALL):
        return _Mistake(_of(keys, sentence), (*keys, unknown[1]), among(unknown[1], _table(keys)))
    if sentence.endswith("is missing"):
        return _Mistake(_of(keys, sentence), keys, "Write it.")
    known = [*_values(_table(keys[:-1]).get(str(keys[-1])))] if sentence.startswith("it cannot be") else []
    return _Mistake(
        _of(keys, sentence), keys, f"Known: {', '.join(map(toml_source.quoted, known))}." if known else _MEND
    )


def _table(keys: toml_source.Keys) -> dict[str, Any]:
    """The keys that a table may have, each with its type."""
    match keys:
        case ():
            kind: type[msgspec.Struct] = _File
        case _, _:
            kind = OrganisationSettings
        case _, _, "ledger":
            kind = Chart
        case _, _, "mail":
            kind = Mail
        case _, _, "s3":
            kind = Store
        case _:
            kind = Rule
    return {field.encode_name: field.type for field in msgspec.structs.fields(kind)}


def _values(kind: Any) -> Iterator[str]:  # noqa: ANN401 - whatever a type can be
    """The texts that may stand at a key; a type may have others beside them."""
    if get_origin(kind) is Literal:
        yield from filter(None, get_args(kind))
    else:
        for inner in get_args(kind):
            yield from _values(inner)


def _of(keys: toml_source.Keys, sentence: str) -> str:
    """A sentence about something in the file."""
    match keys:
        case ():
            return sentence
        case _, login, "rule", int(place), *inner:
            return f"{', '.join((f'rule {place + 1} of {login}', *map(str, inner)))}: {sentence}"
    return f"{'.'.join(map(str, keys))}: {sentence}"


def _check_rules(organisation: OrganisationSettings, keys: toml_source.Keys) -> None:
    rules = (*keys, "rule")
    if organisation.rule and organisation.ledger is None:
        raise _Mistake(_of(keys, "there are rules, and no table “ledger” that says bank and clearing"), rules)
    for place, before in idle(organisation.rule):
        own, other = (*rules, place), (*rules, before)
        what = f"it can never take a row, for all that it could is taken by rule {before + 1}"
        raise _Mistake(_of(own, what), own, "Put it before that one, or take it out.", other)
