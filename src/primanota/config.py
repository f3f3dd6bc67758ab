"""Settings: one TOML file and the environment, into a frozen ``Config``. The only reader of the environment.

default = "acme-corp-1234"             # the organisation meant when none is named

[organisation.acme-corp-1234]
secret = "keyring"                     # or "file", or "command:pass show qonto": a reference, never the secret
api_url = "https://thirdparty.qonto.com"
timezone = "Europe/Berlin"             # default: by the company's country
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from primanota import places
from primanota.credentials import Credentials, Secret, check_login, recall
from primanota.errors import ConfigMistake, NotConfigured, WrongWords

PRODUCTION = "https://thirdparty.qonto.com"
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
_DEFAULT_ZONE = "Europe/Berlin"


class Organisation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says of one organisation; ``secret`` is a reference, never the secret itself."""

    secret: str = "keyring"  # noqa: S105 - the name of a place
    api_url: str = PRODUCTION
    timezone: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    default: str = ""
    organisation: dict[str, Organisation] = {}


class Config(msgspec.Struct, frozen=True):
    """Where everything is, and what the environment and the file say. The environment wins.

    Args:
        file: the TOML file.
        folder: where it and private secrets lie.
        books: where books lie.
        exports: where files go when nobody says where.
    """

    file: Path
    folder: Path
    books: Path
    exports: Path
    default: str
    organisations: dict[str, Organisation]
    environment: dict[str, str]

    def login(self, wanted: str | None) -> str:
        """The login (slug) of the organisation that is meant.

        Raises:
            NotConfigured: none is known, or it is no login.
            WrongWords: the wanted one is not known.
        """
        named = self._variable("LOGIN")
        for login in filter(None, (named, wanted)):
            check_login(login)  # before a file is called after it
        if wanted is None and (chosen := named or self.default or next(iter(self.organisations), "")):
            return chosen
        if wanted is not None and (wanted == named or wanted in self.organisations):
            return wanted
        if wanted is None:
            raise NotConfigured("No organisation is known here.", _LOGIN)
        known = ", ".join(self.organisations) or "none"
        raise WrongWords(f"There is no organisation “{wanted}” here.", f"Known: {known}. Run “primanota login”.")

    def credentials(self, login: str) -> Credentials:
        """The API key of an organisation, from the environment or from where the file says it is kept.

        Raises:
            NotConfigured: there is none.
        """
        secret = self._variable("SECRET_KEY")
        if secret and self._variable("LOGIN") in {"", login}:
            return Credentials(login, Secret(secret))
        if login not in self.organisations:
            raise NotConfigured(f"There is no secret for {login}.", _LOGIN)
        return recall(login, self.organisations[login].secret, self.folder)

    def api_url(self, login: str) -> str:
        """Where the bank is."""
        return self._variable("API_URL") or self.organisations.get(login, Organisation()).api_url

    @property
    def staging_token(self) -> str | None:
        """What the sandbox wants beside the key."""
        return self._variable("STAGING_TOKEN") or None

    def book(self, login: str) -> Path:
        """The organisation's book."""
        return self.books / f"{login}.book"

    def zone(self, login: str, country: str) -> ZoneInfo:
        """The organisation's time zone: as set, else by the country it is registered in.

        Raises:
            ConfigMistake: the set one does not exist.
        """
        name = self._variable("TIMEZONE") or self.organisations.get(login, Organisation()).timezone
        try:
            return ZoneInfo(name or _ZONES.get(country, _DEFAULT_ZONE))
        except (ValueError, OSError, LookupError):
            raise ConfigMistake(f"There is no time zone “{name}”.", "Write it like Europe/Berlin.") from None

    def with_organisation(self, login: str, organisation: Organisation) -> "Config":
        """The same settings, with one organisation more; the first one is the default."""
        known = {**self.organisations, login: organisation}
        return msgspec.structs.replace(self, organisations=known, default=self.default or login)

    def save(self) -> None:
        """Write the file, readable by its owner alone. It holds references to secrets, never a secret."""
        places.write(self.file, [_toml(self.default, self.organisations).encode()])

    def _variable(self, name: str) -> str:
        return self.environment.get(f"PRIMANOTA_{name}", "").strip()


def load(environment: Mapping[str, str] = os.environ) -> Config:
    """The settings in force.

    Raises:
        ConfigMistake: the file cannot be read; the sentence names line or field.
    """
    ours = {name: value for name, value in environment.items() if name.startswith("PRIMANOTA_")}
    home = ours.get("PRIMANOTA_HOME", "")
    folder, books, exports = _below(Path(home).expanduser()) if home else _where_the_system_says()
    file = folder / "config.toml"
    read = _read(file)
    return Config(file, folder, books, exports, read.default, read.organisation, ours)


def _below(home: Path) -> tuple[Path, Path, Path]:
    return home, home / "books", home / "exports"


def _where_the_system_says() -> tuple[Path, Path, Path]:
    import platformdirs  # noqa: PLC0415 - slow to load, and not needed where PRIMANOTA_HOME says it

    return platformdirs.user_config_path("primanota"), platformdirs.user_data_path("primanota"), Path()


def _read(file: Path) -> _File:
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), _File)
    except FileNotFoundError:
        return _File()
    except (ValueError, OSError) as error:  # TOML's mistakes name their line, msgspec's their field
        raise ConfigMistake(f"{file}: {error}.", "Mend the file, or move it away and log in again.") from None


def _toml(default: str, organisations: Mapping[str, Organisation]) -> str:
    lines = [f"default = {_quoted(default)}"]
    for login, organisation in organisations.items():
        lines += ["", f"[organisation.{_quoted(login)}]"]
        lines += [f"{key} = {_quoted(value)}" for key, value in msgspec.structs.asdict(organisation).items() if value]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()
