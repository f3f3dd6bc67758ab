"""Settings: the file and the environment, into a frozen ``Config``. The only reader of the environment."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec

from primanota.adapters.secrets.stores import load_credentials, load_secret
from primanota.adapters.settings import toml_file
from primanota.adapters.settings.toml_file import Language, Mail, OrganisationSettings, Settings
from primanota.adapters.storage.s3 import Store
from primanota.core.errors import ConfigurationError, InvalidConfiguration, InvalidInput
from primanota.core.posting_rules import Chart, Rule
from primanota.core.secret import Credentials, Secret, check_login

_LOGIN = "Run “primanota login” first, or set PRIMANOTA_LOGIN and PRIMANOTA_SECRET_KEY."
# Where a company of each country keeps its days; the Canaries and the overseas parts say so with PRIMANOTA_TIMEZONE.
_ZONES = {
    "AT": "Europe/Vienna",
    "BE": "Europe/Brussels",
    "DE": "Europe/Berlin",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "IT": "Europe/Rome",
    "NL": "Europe/Amsterdam",
    "PT": "Europe/Lisbon",
}
# Wrapped the moment they are read.
_SECRETS = ("PRIMANOTA_SECRET_KEY", "PRIMANOTA_STAGING_TOKEN", "PRIMANOTA_MAIL_PASSWORD")
_DEFAULT_ZONE = "Europe/Berlin"


class Config(msgspec.Struct, frozen=True):
    """Where everything is, and what the environment and the file say. The environment wins.

    Args:
        file: the TOML file.
        folder: where it and private secrets lie.
        books: where books lie.
        exports: where files go when nobody says where.
        environment: our variables that are no secret, by their names.
        secrets: those that are.
    """

    file: Path
    folder: Path
    books: Path
    exports: Path
    default: str
    organisations: dict[str, OrganisationSettings]
    environment: dict[str, str]
    secrets: dict[str, Secret]

    def login(self, wanted: str | None) -> str:
        """The login (slug) of the organisation that is meant.

        Raises:
            ConfigurationError: none is known, or it is no login.
            InvalidInput: the wanted one is not known.
        """
        named = self._variable("LOGIN")
        for login in filter(None, (named, wanted)):
            check_login(login)  # before a file is called after it
        if wanted is None and (chosen := named or self.default or next(iter(self.organisations), "")):
            return chosen
        if wanted is not None and (wanted == named or wanted in self.organisations):
            return wanted
        if wanted is None:
            lost = self._variable("CONFIG") and not self.file.exists()
            why = f": {self.file}, which PRIMANOTA_CONFIG names, is not there" if lost else ""
            raise ConfigurationError(f"No organisation is known here{why}.", _LOGIN)
        known = ", ".join(self.organisations) or "none"
        raise InvalidInput(f"There is no organisation “{wanted}” here.", f"Known: {known}. Run “primanota login”.")

    def credentials(self, login: str) -> Credentials:
        """The API key of an organisation, from the environment or from where the file says it is kept.

        Raises:
            ConfigurationError: there is none.
        """
        ours = self._is_meant(login)
        if ours and (key := self.secrets.get("PRIMANOTA_SECRET_KEY")):
            return Credentials(login, key)
        if ours and (reference := self._variable("SECRET")):
            return load_credentials(login, reference, self.folder)
        if login not in self.organisations:
            raise ConfigurationError(f"There is no secret for {login}.", _LOGIN)
        return load_credentials(login, self.organisations[login].secret, self.folder)

    def api_url(self, login: str) -> str:
        """Where the bank is."""
        return self._variable("API_URL") or self._said(login).api_url

    @property
    def staging_token(self) -> str | None:
        """What the sandbox wants beside the key."""
        token = self.secrets.get("PRIMANOTA_STAGING_TOKEN")
        return token.reveal() if token else None

    def book(self, login: str) -> str:
        """Where the organisation's book is: a path, or the address of one that lies elsewhere."""
        ours = self._variable("BOOK") if self._is_meant(login) else ""  # one book, one company
        return ours or self._said(login).book or str(self.books / f"{login}.book")

    def store(self, login: str) -> Store:
        """How the organisation's buckets are reached."""
        return self._said(login).s3

    def profile(self, login: str) -> str:
        """The profile that is meant where nobody names one."""
        return self._variable("PROFILE") or self._said(login).profile or "lexware"

    def since(self) -> str:
        """The day from which on rows are new for a profile that has had none; empty where nobody says it."""
        return self._variable("SINCE")

    def to(self, login: str) -> tuple[str, ...]:
        """Where files go when nobody says where: words for ``bound``."""
        words = self._variable("TO")
        # Addresses of mail have commas between them, too.
        return tuple(re.split(r",\s*(?=s3://|mailto:|[/~.])", words)) if words else self._said(login).to

    def language(self, login: str) -> str:
        """What mails are written in; empty where nobody says it.

        Raises:
            InvalidConfiguration: nobody here writes that language.
        """
        said = self._variable("LANGUAGE") or self._said(login).language
        if said not in get_args(Language):
            known = ", ".join(filter(None, get_args(Language)))
            raise InvalidConfiguration(f"There are no mails in “{said}”.", f"Known: {known}.")
        return said

    def mail(self, login: str) -> Mail:
        """Who sends mails, through which server.

        Raises:
            ConfigurationError: nobody says it.
        """
        said = self._said(login).mail
        sender = self._variable("MAIL_FROM") or (said.sender if said else "")
        server = self._variable("MAIL_SERVER") or (said.server if said else "")
        if not sender or not server:
            do = f"Write a table [organisation.{login}.mail] with from and server into {self.file}."
            raise ConfigurationError("Nobody says who sends mails, and through which server.", do)
        return Mail(
            sender, server, self._variable("MAIL_USER") or (said.user if said else ""), said.password if said else ""
        )

    def mail_password(self, login: str) -> Secret | None:
        """What the mail server wants beside the user; None where it wants nothing.

        Raises:
            ConfigurationError: there is nothing where it should be.
        """
        if password := self.secrets.get("PRIMANOTA_MAIL_PASSWORD"):
            return password
        reference = self.mail(login).password
        return load_secret(f"{login}.mail", reference, self.folder) if reference else None

    def zone(self, login: str, country: str) -> ZoneInfo:
        """The organisation's time zone: as set, else by the country it is registered in.

        Raises:
            InvalidConfiguration: the set one does not exist.
        """
        name = self._variable("TIMEZONE") or self._said(login).timezone
        try:
            return ZoneInfo(name or _ZONES.get(country, _DEFAULT_ZONE))
        except (ValueError, OSError, LookupError):
            raise InvalidConfiguration(f"There is no time zone “{name}”.", "Write it like Europe/Berlin.") from None

    def accounting(self, login: str) -> tuple[Chart, tuple[Rule, ...]]:
        """An organisation's ledger accounts, and the rules that say which rows belong to them.

        Raises:
            ConfigurationError: the file says nothing of them.
        """
        found = self._said(login)
        if found.ledger is None:
            what = f"{self.file} does not say which ledger accounts {login} has."
            raise ConfigurationError(
                what, f"Write a table [organisation.{login}.ledger] with bank and clearing into it."
            )
        return found.ledger, found.rule

    def rule_lines(self, login: str) -> list[int]:
        """On which line of the file each rule of an organisation begins."""
        return toml_file.rule_lines(self.file, login)

    def with_organisation(self, login: str, organisation: OrganisationSettings) -> "Config":
        """The same settings, with one organisation more; the first one is the default."""
        known = {**self.organisations, login: organisation}
        return msgspec.structs.replace(self, organisations=known, default=self.default or login)

    def with_login(self, login: str, secret: str, api_url: str) -> "Config":
        """The same settings, knowing where an organisation's secret is kept, and its bank; the rest of it stays."""
        known = self._said(login)
        return self.with_organisation(login, msgspec.structs.replace(known, secret=secret, api_url=api_url))

    def save(self) -> None:
        """Write what is new into the file, readable by its owner alone; all else in it stays, word for word.

        It holds references to secrets, never a secret. Ledger and rules are never written, only read.
        """
        toml_file.write(self.file, Settings(self.default, self.organisations))

    def _is_meant(self, login: str) -> bool:
        """Whether variables that belong to one organisation belong to this one."""
        return self._variable("LOGIN") in {"", login}

    def _said(self, login: str) -> OrganisationSettings:
        return self.organisations.get(login, OrganisationSettings())

    def _variable(self, name: str) -> str:
        return self.environment.get(f"PRIMANOTA_{name}", "").strip()


def load(environment: Mapping[str, str] = os.environ) -> Config:
    """The settings in force.

    Raises:
        InvalidConfiguration: the file cannot be read, or has a mistake; the sentence names its line.
    """
    ours = {name: value for name, value in environment.items() if name.startswith("PRIMANOTA_")}
    home = ours.get("PRIMANOTA_HOME", "")
    folder, books, exports = _below(Path(home).expanduser()) if home else _where_the_system_says()
    file = Path(ours.get("PRIMANOTA_CONFIG", "") or folder / "config.toml").expanduser()
    secrets = {name: Secret(said) for name in _SECRETS if (said := ours.pop(name, "").strip())}
    return Config(file, folder, books, exports, *toml_file.read(file), ours, secrets)


def _below(home: Path) -> tuple[Path, Path, Path]:
    return home, home / "books", home / "exports"


def _where_the_system_says() -> tuple[Path, Path, Path]:
    import platformdirs  # noqa: PLC0415 - slow to load, and not needed where PRIMANOTA_HOME says it

    return platformdirs.user_config_path("primanota"), platformdirs.user_data_path("primanota"), Path()
