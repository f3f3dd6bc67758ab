"""Make the paths of an export's files."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from pathlib import Path

from primanota.core.errors import DeliveryFailed, InvalidInput
from primanota.core.model import Account, Statement
from primanota.core.period import fiscal_year
from primanota.core.text import cut_bytes
from primanota.profiles import Profile

# What file systems take for a name, and the part of it for an account: the rest is for profile, days and numbers.
_NAME_BYTES = 255
_ACCOUNT_BYTES = 160


class FileNames:
    """Makes the path of each file of an export: a file name in a folder, or the one file that the user named.

    Args:
        profile: has the template of the file names.
        accounts: the exported accounts.
        to: a folder, or a file if there is one account; None if no file is written on this machine.
        keep: paths of files that must not be replaced, since they cannot have been imported yet.

    Raises:
        InvalidInput: ``to`` is one file, and there are several accounts.
    """

    def __init__(
        self, profile: Profile, accounts: Iterable[Account], to: Path | None, keep: Collection[Path] = ()
    ) -> None:
        accounts = list(accounts)
        slugs = [_slug(account) for account in accounts]
        self._profile = profile
        self._target = (to or Path()).absolute()
        self._keep = keep
        self._owners: dict[Path, tuple[str, int]] = {}
        self._slugs = {
            account.id: slug if slugs.count(slug) == 1 else account.id
            for account, slug in zip(accounts, slugs, strict=True)
        }
        self._local = to is not None
        self._one_file = to is not None and bool(to.suffix or to.is_file()) and not to.is_dir()
        if self._one_file and len(accounts) != 1:
            raise InvalidInput(
                f"{to} is one file, and there are {len(accounts)} accounts.", "Name a folder, or --account."
            )

    def path(self, statement: Statement, period: str, number: int = 1) -> Path:
        """Return the path of a period's file; ``number`` counts the account's files; the first has none in its name.

        Raises:
            DeliveryFailed: a file with this path must be kept.
            InvalidInput: another account's file has this name.
        """
        path = self._path(statement, period, number)
        if path in self._keep:
            raise _taken(path)
        return self._unique(path, statement, number)

    def free_path(self, statement: Statement, batch: int, number: int = 1) -> Path:
        """Return the path of a file that is named after its batch.

        Raises:
            DeliveryFailed: there is a file already.
        """
        path = self._path(statement, f"batch-{batch}", number if self._one_file else 1)
        if path in self._keep or (self._local and path.exists()):
            raise _taken(path)
        return self._unique(path, statement, number)

    def _unique(self, path: Path, statement: Statement, number: int) -> Path:
        """Return the path; refuse it if another file of this export has it."""
        owner = (statement.account.id, number)
        if self._owners.setdefault(path, owner) != owner:
            raise InvalidInput(f"Two files would be called {path}.", "Write {account} into the profile's file.")
        return path

    def _path(self, statement: Statement, period: str, number: int) -> Path:
        count = f"_{number}" if number > 1 else ""
        if self._one_file:
            return self._target.with_stem(f"{self._target.stem}{count}")
        start = statement.ledger.year_start if statement.ledger else (1, 1)
        words = {
            "profile": self._profile.name,
            "account": self._slugs[statement.account.id],
            "period": period,
            "siren": statement.ledger.siren if statement.ledger else "",
            "year_end": f"{fiscal_year(statement.last, start)[1]:%Y%m%d}",
        }
        name = f"{self._profile.file.format(**words)}{count}{self._profile.suffix}"
        if len(name.encode("utf-8", "replace")) > _NAME_BYTES:
            what = f"A file of {self._profile.name} would have a name of more than {_NAME_BYTES} bytes."
            raise InvalidInput(what, "Write a shorter “file” into the profile.")
        return self._target / name


def _taken(path: Path) -> DeliveryFailed:
    return DeliveryFailed(f"{path} is already there, perhaps not imported yet.", "Name another place with --to.")


def _slug(account: Account) -> str:
    """Return an account's part of a file name: its name, cut so that its tail and the rest of the name fit."""
    name = unicodedata.normalize("NFC", account.name)
    plain = re.sub(r"[^\w]+", "-", name).strip("-").lower()
    plain = cut_bytes(plain, _ACCOUNT_BYTES - len(account.tail) - 1).rstrip("-")
    return f"{plain}-{account.tail}" if plain else account.tail
