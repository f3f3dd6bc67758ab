"""Settings: read the file and the environment into a frozen ``Config``. The only reader of the environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec

from primanota.adapters.secrets.stores import load_credentials, load_secret
from primanota.adapters.secrets.tokens import StoredTokens, stored_tokens
from primanota.adapters.settings import toml_file
from primanota.adapters.settings.by_organisation import FIRM
from primanota.adapters.settings.folders import folders_below, system_folders
from primanota.adapters.settings.time_zones import zone_of
from primanota.adapters.settings.toml_file import FirmSettings, Language, Mail, OAuth, OrganisationSettings, Settings
from primanota.adapters.settings.variables import destinations_of, is_switched_on, number_of_connections
from primanota.adapters.storage import disk
from primanota.adapters.storage.s3 import Store
from primanota.core.commands import BEGIN, DEFAULT_PROFILE, LOGIN_FIRST
from primanota.core.errors import ConfigurationError, InvalidConfiguration, InvalidInput
from primanota.core.posting_rules import Chart, Rule
from primanota.core.secret import Credentials, Secret, check_login, masked

# Wrapped the moment they are read. The address of the fleet's database may contain a password.
_SECRETS = (
    *("PRIMANOTA_SECRET_KEY", "PRIMANOTA_STAGING_TOKEN", "PRIMANOTA_MAIL_PASSWORD"),
    *("PRIMANOTA_OAUTH_CLIENT_SECRET", "PRIMANOTA_FLEET"),
)


class Config(msgspec.Struct, frozen=True):
    """The settings in force: of the environment, then of the file.

    Args:
        file: the TOML file.
        folder: the folder of the file and of private secrets.
        books: the folder of books.
        exports: the folder of exported files when no destination is given.
        default: the login of the default organisation.
        organisations: the organisations of the file, by their logins.
        broken: the error of each organisation whose tables in the file have mistakes; that of the firm's by ``FIRM``.
        firm: the settings of the firm that keeps the books of several organisations.
        oauth: the app that organisations consent to.
        environment: variables that begin with PRIMANOTA_ and are not secrets, by their names.
        secrets: those that are secrets.
    """

    file: Path
    folder: Path
    books: Path
    exports: Path
    default: str
    organisations: dict[str, OrganisationSettings]
    broken: dict[str, InvalidConfiguration]
    firm: FirmSettings
    oauth: OAuth
    environment: dict[str, str]
    secrets: dict[str, Secret]

    @property
    def logins(self) -> list[str]:
        """The logins of all organisations of the file, also of those with mistakes; or that of the environment."""
        named = self._variable("LOGIN")
        return [*self.organisations] or ([named] if named else [])

    @property
    def has_organisation(self) -> bool:
        """Whether the environment or the file names an organisation."""
        return bool(self._variable("LOGIN") or self.default or self.organisations)

    def login(self, wanted: str | None) -> str:
        """Return the login (slug) of the wanted organisation, or of the default one.

        Raises:
            ConfigurationError: no organisation is known, or the word is not a login.
            InvalidInput: the wanted one is not known.
        """
        named = self._variable("LOGIN")
        for login in filter(None, (named, wanted)):
            check_login(login)  # before a file is named after it
        if wanted is None and (chosen := named or self.default or next(iter(self.organisations), "")):
            check_login(chosen)
            return chosen
        if wanted is not None and (wanted == named or wanted in self.organisations):
            return wanted
        if wanted is None:
            is_missing = self._variable("CONFIG") and not self.file.exists()
            why = f": the file {self.file}, which PRIMANOTA_CONFIG names, does not exist" if is_missing else ""
            raise ConfigurationError(f"No organisation is known{why}.", BEGIN)
        known = ", ".join(map(masked, self.organisations)) or "none"
        raise InvalidInput(
            f"There is no organisation “{wanted}” in the settings.", f"Known: {known}. Run “primanota login”."
        )

    def require_readable(self, login: str) -> None:
        """Refuse an organisation whose tables in the file have mistakes; those of others do not concern it.

        Raises:
            InvalidConfiguration: its tables have mistakes; the error names each with its line.
        """
        if error := self.broken.get(login):
            raise error

    def require_all_readable(self) -> None:
        """Refuse a file in which the tables of any organisation have mistakes, before it is written.

        Raises:
            InvalidConfiguration: the first organisation's tables with mistakes.
        """
        for login in self.broken:
            self.require_readable(login)

    def credentials(self, login: str) -> Credentials:
        """Return the API key of an organisation, from the environment or by the reference in the file.

        Raises:
            ConfigurationError: there is no key.
        """
        if key := self._key(login):
            return Credentials(login, key)
        if not (reference := self._reference(login)):
            raise ConfigurationError(f"There is no secret for {login}.", LOGIN_FIRST)
        return load_credentials(login, reference, self.folder)

    def tokens(self, login: str) -> StoredTokens | None:
        """Return the place of the tokens of an organisation that has consented; None for one with an API key.

        Raises:
            InvalidConfiguration: the file names a place that cannot have tokens.
        """
        return None if self._key(login) else stored_tokens(login, self._reference(login), self.folder)

    def api_url(self, login: str) -> str:
        """Return the URL of the bank's API."""
        return self._variable("API_URL") or self._organisation(login).api_url

    def connections(self, login: str) -> int:
        """Return how many connections to the bank may be open at the same time.

        Raises:
            InvalidConfiguration: the number is not one that can be used.
        """
        words = self._variable("CONNECTIONS")
        return number_of_connections(words) if words else self._organisation(login).connections

    @property
    def staging_token(self) -> str | None:
        """The token that the sandbox needs in addition to the key."""
        token = self.secrets.get("PRIMANOTA_STAGING_TOKEN")
        return token.reveal() if token else None

    def book(self, login: str) -> str:
        """Return where the organisation's book is: a path, or the address of a remote book."""
        variable = self._variable("BOOK") if self._applies_to(login) else ""  # one book, one company
        return variable or self._organisation(login).book or self.default_book(login)

    def default_book(self, login: str) -> str:
        """Return the path of the organisation's book where no other place is set."""
        return str(self.books / f"{login}.book")

    def store(self, login: str) -> Store:
        """Return how the organisation's buckets are reached."""
        return self._organisation(login).s3

    def profile(self, login: str) -> str:
        """Return the profile that is used when none is named."""
        return self._variable("PROFILE") or self._organisation(login).profile or DEFAULT_PROFILE

    def since(self) -> str:
        """Return the first day of the new rows of a profile without batches; empty if it is not set."""
        return self._variable("SINCE")

    def destinations(self, login: str) -> tuple[str, ...]:
        """Return the destinations of files when none is given, as words for ``parse_destinations``."""
        words = self._variable("TO")
        return destinations_of(words) if words else self._organisation(login).to

    def language(self, login: str) -> str:
        """Return the language of mails; empty if it is not set.

        Raises:
            InvalidConfiguration: there are no mails in that language.
        """
        language = self._variable("LANGUAGE") or self._organisation(login).language
        if language not in get_args(Language):
            known = ", ".join(filter(None, get_args(Language)))
            raise InvalidConfiguration(f"There are no mails in “{language}”.", f"Known: {known}.")
        return language

    def receipts(self, login: str) -> bool:
        """Return whether a sync also fetches receipts and statements; a variable must say true or false."""
        words = self._variable("RECEIPTS")
        return is_switched_on("PRIMANOTA_RECEIPTS", words) if words else self._organisation(login).receipts

    def statements(self, login: str) -> str:
        """Return the folder from which a run imports files of statements; empty if it is not set."""
        return self._organisation(login).statements

    def mail(self, login: str) -> Mail:
        """Return the sender of mails and the mail server.

        Raises:
            ConfigurationError: no sender or no server is configured.
        """
        return self._mail(self._organisation(login).mail, f"organisation.{login}.mail")

    def require_firm_readable(self) -> None:
        """Refuse the firm's table if it has mistakes.

        Raises:
            InvalidConfiguration: it has; the error names each with its line.
        """
        self.require_readable(FIRM)

    def firm_mail(self) -> Mail:
        """Return the sender and the server of the firm's mail.

        Raises:
            ConfigurationError: no sender or no server is configured.
        """
        return self._mail(self.firm.mail, "firm.mail")

    def firm_mail_password(self) -> Secret | None:
        """Return the password of the firm's mail server; None if it needs no password.

        Raises:
            ConfigurationError: there is no password where the reference leads.
        """
        return self._password(self.firm_mail(), "firm.mail")

    def _mail(self, mail: Mail | None, table: str) -> Mail:
        sender = self._variable("MAIL_FROM") or (mail.sender if mail else "")
        server = self._variable("MAIL_SERVER") or (mail.server if mail else "")
        if not sender or not server:
            hint = f"Write a table [{table}] with from and server into {self.file}."
            raise ConfigurationError("No sender and mail server are configured for mails.", hint)
        return Mail(
            sender, server, self._variable("MAIL_USER") or (mail.user if mail else ""), mail.password if mail else ""
        )

    def mail_password(self, login: str) -> Secret | None:
        """Return the password of the mail server; None if it needs no password.

        Raises:
            ConfigurationError: there is no password where the reference leads.
        """
        return self._password(self.mail(login), f"{login}.mail")

    def _password(self, mail: Mail, name: str) -> Secret | None:
        if password := self.secrets.get("PRIMANOTA_MAIL_PASSWORD"):
            return password
        return load_secret(name, mail.password, self.folder) if mail.password else None

    def zone(self, login: str, country: str) -> ZoneInfo:
        """Return the organisation's time zone: as set, else by the country in which it is registered.

        Raises:
            InvalidConfiguration: there is no such time zone.
        """
        return zone_of(self._variable("TIMEZONE") or self._organisation(login).timezone, country)

    def accounting(self, login: str) -> tuple[Chart, tuple[Rule, ...]]:
        """Return an organisation's ledger accounts, and the rules that assign rows to them.

        Raises:
            ConfigurationError: the file has no ledger accounts of the organisation.
        """
        found = self._organisation(login)
        if found.ledger is None:
            what = f"{self.file} does not say which ledger accounts {login} has."
            raise ConfigurationError(
                what, f"Write a table [organisation.{login}.ledger] with bank and clearing into it."
            )
        return found.ledger, found.rule

    def rule_lines(self, login: str) -> list[int]:
        """Return for each rule of an organisation the line of the settings file on which it begins."""
        return toml_file.rule_lines(self.file, login)

    def with_organisation(self, login: str, organisation: OrganisationSettings) -> "Config":
        """Return the same settings with one more organisation; the first one is the default."""
        known = {**self.organisations, login: organisation}
        return msgspec.structs.replace(self, organisations=known, default=self.default or login)

    def with_login(self, login: str, secret: str, api_url: str) -> "Config":
        """Return the same settings with an organisation's reference to its secret, and its bank; the rest stays."""
        known = self._organisation(login)
        return self.with_organisation(login, msgspec.structs.replace(known, secret=secret, api_url=api_url))

    def save(self) -> None:
        """Write what is new into the file, readable only by its owner; everything else stays, word for word.

        It holds references to secrets, never a secret. Ledger and rules are never written, only read.
        """
        toml_file.write(self.file, Settings(self.default, self.organisations, {}, oauth=self.oauth))

    def _applies_to(self, login: str) -> bool:
        """Return whether variables that apply to one organisation apply to this one."""
        return self._variable("LOGIN") in {"", login}

    def _key(self, login: str) -> Secret | None:
        """Return the secret of the environment, if it is this organisation's."""
        return self.secrets.get("PRIMANOTA_SECRET_KEY") if self._applies_to(login) else None

    def _reference(self, login: str) -> str:
        """Return the reference to an organisation's secret; empty if it has none."""
        named = self._variable("SECRET") if self._applies_to(login) else ""
        known = self.organisations.get(login)
        return named or (known.secret if known else "")

    def _organisation(self, login: str) -> OrganisationSettings:
        return self.organisations.get(login, OrganisationSettings())

    def _variable(self, name: str) -> str:
        return self.environment.get(f"PRIMANOTA_{name}", "").strip()


def load(environment: Mapping[str, str] = os.environ, *, file: Path | None = None) -> Config:
    """Load the settings in force.

    Args:
        environment: the environment.
        file: the settings file, instead of the one that the environment names.

    Raises:
        InvalidConfiguration: the file cannot be read, or has mistakes outside of the tables of an organisation; the
            error names each with its line.
    """
    ours = {name: value for name, value in environment.items() if name.startswith("PRIMANOTA_")}
    home = ours.get("PRIMANOTA_HOME", "")
    folder, books, exports = folders_below(disk.path_of(home)) if home else system_folders()
    file = file or disk.path_of(ours.get("PRIMANOTA_CONFIG", "") or f"{folder / 'config.toml'}")
    secrets = {name: Secret(value) for name in _SECRETS if (value := ours.pop(name, "").strip())}
    return Config(file, folder, books, exports, *toml_file.read(file), ours, secrets)


def shell_variable(name: str) -> str:
    """Return a variable that a shell sets, or by which it finds its files; empty if it is not set."""
    return os.environ.get(name, "").strip()
