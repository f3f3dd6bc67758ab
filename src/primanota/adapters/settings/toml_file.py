"""The settings file: read TOML into structs, name its mistakes, and write what a login found.

default = "acme-corp-1234"             # the organisation when none is named

[oauth]                                # the app that organisations consent to: oauth.md
client_id = "…"
client_secret = "keyring"              # a reference, like that to the secret

[organisation.acme-corp-1234]
secret = "keyring"                     # or "file", or "command:pass show qonto": a reference, never the secret
api_url = "https://thirdparty.qonto.com"
timezone = "Europe/Berlin"             # default: by the company's country
connections = 64                       # to the bank at the same time, at most
profile = "lexware"                    # what run and export write by default
to = ["~/Books", "s3://bucket/files/", "mailto:ada@example.com"]
book = "s3://bucket/acme.book"         # or "shared:/mnt/office/acme.book"; default: on this machine
language = "de"                        # of mails; default: by the company's country
receipts = true                        # fetch receipts and statements after each sync; default: false
address = "Hauptstr. 1, 10115 Berlin"  # the company's, in the papers of its procedure
responsible = "Ada Lovelace"           # who answers for the procedure, in the same
adviser = "Kanzlei Muster"             # the tax adviser, in the same

[organisation.acme-corp-1234.mail]     # who sends mails, and through which server
from = "books@example.com"
server = "smtp.example.com:587"        # or "smtps://…", or "ses"
user = "books@example.com"
password = "keyring"                   # a reference, like that to the secret

[organisation.acme-corp-1234.close]    # where the pack of each closed month goes
to = ["~/Adviser", "mailto:tax@adviser.example"]

[organisation.acme-corp-1234.s3]       # another host or key than Amazon's: s3.py has the keys
endpoint = "https://s3.example.com"

[organisation.acme-corp-1234.ledger]   # its ledger accounts
[[organisation.acme-corp-1234.rule]]   # which rows belong to which of them: posting_rules.py has the keys of both

[firm]                                 # who keeps the books of all of them
to = ["office@example.com"]            # gets one mail about a run of several organisations
language = "de"
at_once = 4                            # how many are run at the same time

[firm.mail]                            # as above; a reference to the password
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from primanota.adapters.settings import by_organisation
from primanota.adapters.settings.by_organisation import FIRM
from primanota.adapters.storage import disk, regular_file
from primanota.adapters.storage.s3 import Store
from primanota.core import toml_source
from primanota.core.disk_errors import disk_error
from primanota.core.errors import InvalidConfiguration
from primanota.core.hosts import MOST_AT_ONCE, MOST_CONNECTIONS
from primanota.core.posting_rules import Chart, Rule, unreachable
from primanota.core.toml_source import Keys
from primanota.core.toml_validation import Lines, Mistake, dotted

PRODUCTION = "https://thirdparty.qonto.com"
_MOST_BYTES = 1 << 20
_NAMED = 20  # mistakes in one error
# The keys of an organisation that a login writes; it never changes the others.
_WRITTEN = ("secret", "api_url", "timezone")
_WRITTEN_OF_APP = ("client_id", "client_secret")

Language = Literal["", "de", "en", "es", "fr", "it"]


class Mail(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"sender": "from"}):
    """The sender of mails, the mail server and its user; ``password`` is a reference, never the password itself."""

    sender: str
    server: str
    user: str = ""
    password: str = ""


class OAuth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The app that organisations consent to; ``client_secret`` is a reference, empty for a public app.

    ``url`` is the OAuth server, by default the one of the bank's API. ``port`` is that of the address to which the
    browser is sent; 0 for a free one. ``attachments`` asks for the scope of attachments as well.
    """

    client_id: str = ""
    client_secret: str = ""
    url: str = ""
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    client_authentication: Literal["form", "basic"] = "form"
    attachments: bool = False


class CloseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"profile": "for"}):
    """Where the pack of each month goes; no run makes one if ``to`` is empty.

    ``profile`` (``for`` in the file) is the tool whose file is in the pack; empty for that of the newest export.
    ``since`` is the first month (``2026-10``); empty for the last one that had ended when the first run with these
    settings came. ``day`` is the day of the next month from which on a month is closed.
    """

    to: tuple[str, ...] = ()
    profile: str = ""
    since: Annotated[str, msgspec.Meta(pattern="^([0-9]{4}-(0[1-9]|1[0-2]))?$")] = ""
    day: Annotated[int, msgspec.Meta(ge=1, le=28)] = 1


class OrganisationSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of one organisation; ``secret`` is a reference, never the secret itself."""

    secret: str = "keyring"  # noqa: S105 - the name of a place
    api_url: str = PRODUCTION
    timezone: str = ""
    connections: Annotated[int, msgspec.Meta(ge=1, le=MOST_CONNECTIONS)] = MOST_CONNECTIONS
    profile: str = ""
    to: tuple[str, ...] = ()
    book: str = ""
    language: Language = ""
    receipts: bool = False
    statements: str = ""
    address: str = ""
    responsible: str = ""
    adviser: str = ""
    mail: Mail | None = None
    close: CloseSettings = CloseSettings()
    s3: Store = Store()
    ledger: Chart | None = None
    rule: tuple[Rule, ...] = ()


class FirmSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of a firm that keeps the books of several organisations: who gets its mail, and who sends it."""

    to: tuple[str, ...] = ()
    language: Language = ""
    at_once: Annotated[int, msgspec.Meta(ge=1, le=MOST_AT_ONCE)] = 4
    mail: Mail | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    default: str = ""
    firm: FirmSettings = FirmSettings()
    oauth: OAuth = OAuth()
    organisation: dict[str, OrganisationSettings] = {}


class Settings(NamedTuple):
    """The settings of the file.

    Args:
        default: the login of the default organisation.
        organisations: all organisations by their logins; of one with mistakes, what is right in its tables.
        broken: the error of each organisation whose tables have mistakes; that of the firm's has the key ``FIRM``.
        firm: the firm's settings; what is right in its table, if it has mistakes.
        oauth: the app that organisations consent to.
    """

    default: str
    organisations: dict[str, OrganisationSettings]
    broken: dict[str, InvalidConfiguration]
    firm: FirmSettings = FirmSettings()
    oauth: OAuth = OAuth()


def read(file: Path) -> Settings:
    """Return what the file sets; empty settings if the file does not exist.

    Raises:
        InvalidConfiguration: the file cannot be read, or has mistakes that are not in the tables of an organisation;
            the error names each with its line.
    """
    found = by_organisation.readable(_text(file), _File, _rule_mistakes, _name)
    if whole := found.mistakes.get(""):
        every = [*whole, *(one for login, some in found.mistakes.items() if login for one in some)]
        raise _invalid(file, sorted(every, key=lambda one: one.line))
    tables = by_organisation.tables_of(found.text)
    organisations = {
        login: by_organisation.without_mistakes(
            tables.get(login), OrganisationSettings, found.mistakes.get(login, [])
        )
        for login in (*found.logins, *(login for login in tables if login not in found.logins))
    }
    broken = {login: _invalid(file, mistakes) for login, mistakes in found.mistakes.items()}
    tables_of_all = toml_source.parsed(found.text)
    firm = by_organisation.without_mistakes(
        tables_of_all.get("firm"), FirmSettings, found.mistakes.get(FIRM, []), depth=1
    )
    oauth = msgspec.convert(tables_of_all.get("oauth", {}), OAuth)
    return Settings(tables_of_all.get("default", ""), organisations, broken, firm, oauth)


def write(file: Path, settings: Settings) -> None:
    """Write into the file what it does not have yet. Everything else in it stays, word for word.

    Raises:
        InvalidConfiguration: it cannot be read, or a key is written in a form that this program cannot change.
        DeliveryFailed: it cannot be written.
    """
    text, known = _text(file), read(file)
    for error in known.broken.values():
        raise error
    for table, key, value in _changes(settings, known):
        try:
            text = toml_source.with_text(text, table, key, value)
        except ValueError as error:
            raise InvalidConfiguration(
                f"{file}: {error}.", f"Write {key} = {toml_source.quoted(value)} there yourself."
            ) from None
    disk.write(file, [text.encode()])


def rule_lines(file: Path, login: str) -> list[int]:
    """Return the line of the file on which each rule of an organisation begins."""
    text = by_organisation.readable(_text(file), _File, _rule_mistakes, _name).text
    lines, rules = toml_source.lines(text), read(file).organisations[login].rule
    return [lines["organisation", login, "rule", place] for place in range(len(rules))]


def _text(file: Path) -> str:
    if f"{file}" == os.devnull:  # the way to say that there is no file
        return ""
    try:
        return regular_file.read(file, _MOST_BYTES).decode("utf-8-sig")  # editors of Windows write a byte order mark
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise InvalidConfiguration(f"{file} is not written in UTF-8.", "Save it as UTF-8.") from None
    except OSError as error:
        failed = InvalidConfiguration(f"{file} cannot be read: {error.strerror or error}.", "Check its permissions.")
        raise disk_error(error, file, otherwise=failed, action="read") from None


def _changes(settings: Settings, known: Settings) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield table, key and value of every setting that a login writes and the file does not have yet."""
    if settings.default != known.default:
        yield (), "default", settings.default
    for key in _WRITTEN_OF_APP:
        if (written := getattr(settings.oauth, key)) != getattr(known.oauth, key):
            yield ("oauth",), key, written
    for login, organisation in settings.organisations.items():
        before = known.organisations.get(login)
        for key in _WRITTEN:
            value: str = getattr(organisation, key)
            if value != (getattr(before, key) if before else ""):
                yield ("organisation", login), key, value


def _invalid(file: Path, found: list[Mistake]) -> InvalidConfiguration:
    """Return one error for all mistakes: its message is the first, its hint says what to do and has others."""
    first, *others = found
    more = "There is 1 more mistake." if len(others) == 1 else f"There are {len(others)} more mistakes."
    hints = [first.hint, *([more] if others else ())]
    hints += [f"Line {one.line}: {one.message} {one.hint}".rstrip() for one in others[:_NAMED]]
    return InvalidConfiguration(f"{file}, line {first.line}: {first.message}", " ".join(filter(None, hints)))


def _name(keys: Keys) -> str:
    """Return how a sentence names a value of the file; rules are numbered from 1."""
    match keys:
        case "organisation", login, "rule", int(place), *inner:
            return ", ".join((f"rule {place + 1} of {login}", *([dotted(tuple(inner))] if inner else ())))
    return dotted(keys)


def _rule_mistakes(tables: dict[str, Any], line: Lines) -> Iterator[Mistake]:
    """Yield rules without ledger accounts, and rules that can never match because an earlier one always does."""
    organisations = tables.get("organisation")
    for login, table in organisations.items() if isinstance(organisations, dict) else ():
        keys = ("organisation", login, "rule")
        if not isinstance(table, dict) or not table.get("rule"):
            continue
        if "ledger" not in table and not get_close_matches("ledger", table):
            hint = f"Write a table [organisation.{login}.ledger] with bank and clearing."
            yield Mistake(f"organisation.{login}: there are rules, but there is no table “ledger”", hint, keys)
        with suppress(msgspec.ValidationError):  # its mistakes are known already
            for place, earlier in unreachable(msgspec.convert(table["rule"], tuple[Rule, ...])):
                where = f"rule {earlier + 1} (line {line((*keys, earlier))})"
                message = f"it can never match, because {where} matches everything that it could match"
                own = (*keys, place)
                yield Mistake(f"{_name(own)}: {message}", "Put it before that rule, or take it out.", own)
