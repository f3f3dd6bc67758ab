"""Make the paths of an export's files."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from primanota.adapters.storage import disk
from primanota.core.errors import DeliveryFailed, InvalidInput
from primanota.core.model import Account, Statement
from primanota.core.period import fiscal_year
from primanota.core.text import cut_bytes
from primanota.export.select import AccountGroup
from primanota.profiles import Profile
from primanota.profiles.file_name import unsafe_name

# What file systems take for a name, and the part of it for an account: the rest is for profile, days and numbers.
_NAME_BYTES = 255
_ACCOUNT_BYTES = 160
_DIGEST = 16


class FileNames:
    """Makes the path of each file of an export: a file name in a folder, or the one file that the user named.

    Args:
        profile: has the template of the file names.
        groups: the exported accounts, by the files that they have.
        to: a folder, or a file if there is one account; None if no file is written on this machine.
        keep: paths of files that must not be replaced, since they cannot have been imported yet.
        known: all accounts of the organisation: no other one's files may have the same names.

    Raises:
        InvalidInput: ``to`` is one file, and there are several accounts.
        DeliveryFailed: ``to`` is a pipe or a device, or a link to what this user does not own.
    """

    def __init__(
        self,
        profile: Profile,
        groups: Sequence[AccountGroup],
        to: Path | None,
        keep: Collection[Path] = (),
        known: Iterable[Account] = (),
    ) -> None:
        most = _ACCOUNT_BYTES // max((len(group.accounts) for group in groups if not group.every), default=1)
        slugs = account_slugs([*known, *(account for group in groups for account in group.accounts)], most)
        self._profile = profile
        to = None if to is None else disk.resolved(to)
        self._target = (to or Path()).absolute()
        self._keep = keep
        self._owners: dict[Path, tuple[str, int]] = {}
        self._files: dict[tuple[str, str], list[int]] = {}
        self._slugs = {
            group.account.id: "all-accounts" if group.every else "_".join(slugs[key] for key in group.ids)
            for group in groups
        }
        self._every = {group.account.id for group in groups if group.every}
        self._local = to is not None
        self._one_file = to is not None and bool(to.suffix or to.is_file()) and not to.is_dir()
        if self._one_file and len(groups) != 1:
            raise InvalidInput(
                f"{to} is one file, and there are {len(groups)} accounts.", "Name a folder, or --account."
            )

    def path(self, statement: Statement, period: str, number: int = 1, *, whole: bool = False) -> Path:
        """Return the path of a period's file.

        Args:
            statement: the statement in the file.
            period: the period, as file names have it.
            number: counts the account's files. From the second file of one name on, names have a number as well.
            whole: whether the period is the whole fiscal year of all accounts.

        Raises:
            DeliveryFailed: a file with this path must be kept.
            InvalidInput: another account's file has this name.
        """
        path = self._path(statement, period, number, whole=whole)
        if path in self._keep:
            raise _taken(path)
        return self._unique(path, statement, number)

    def free_path(self, statement: Statement, batch: int, number: int = 1) -> Path:
        """Return the path of a file that is named after its batch.

        Raises:
            DeliveryFailed: there is a file already.
        """
        path = self._path(statement, f"batch-{batch}", number)
        if path in self._keep or (self._local and path.exists()):
            raise _taken(path)
        return self._unique(path, statement, number)

    def _unique(self, path: Path, statement: Statement, number: int) -> Path:
        """Return the path; refuse it if another file of this export has it."""
        owner = (statement.account.id, number)
        if self._owners.setdefault(path, owner) != owner:
            raise InvalidInput(f"Two files would be called {path}.", "Write {account} into the profile's file.")
        return path

    def _path(self, statement: Statement, period: str, number: int, *, whole: bool = False) -> Path:
        if self._one_file:
            return self._followed(self._target.with_stem(f"{self._target.stem}{self._count(statement, '', number)}"))
        start = statement.ledger.year_start if statement.ledger else (1, 1)
        words = {
            "profile": self._profile.name,
            "account": self._slugs[statement.account.id],
            "period": period,
            "siren": statement.ledger.siren if statement.ledger else "",
            "year_end": f"{fiscal_year(statement.last, start)[1]:%Y%m%d}",
            "part": "" if whole else self._part(statement.account, period),
        }
        name = self._profile.file.format(**words)
        name = f"{name}{self._count(statement, name, number)}{self._profile.suffix}"
        if what := unsafe_name(name):
            raise InvalidInput(
                f"A file of {self._profile.name} cannot be called “{name}”: {what}.", "Change the profile's “file”."
            )
        if len(name.encode("utf-8", "replace")) > _NAME_BYTES:
            what = f"A file of {self._profile.name} would have a name of more than {_NAME_BYTES} bytes."
            raise InvalidInput(what, "Write a shorter “file” into the profile.")
        return self._followed(self._target / name)

    def _followed(self, path: Path) -> Path:
        """Return a path, or where its link leads; of a file that is not written on this machine, only its name."""
        return disk.resolved(path) if self._local else path

    def _count(self, statement: Statement, name: str, number: int) -> str:
        """Return what tells an account's file from earlier ones that have the same name: empty for the first."""
        files = self._files.setdefault((name, statement.account.id), [])
        if number not in files:
            files.append(number)
        place = files.index(number) + 1
        return f"_{place}" if place > 1 else ""

    def _part(self, account: Account, period: str) -> str:
        """Return which part of a fiscal year of all accounts a file is: of some accounts, or of some days."""
        return f"_{period}" if account.id in self._every else f"_{self._slugs[account.id]}_{period}"


def _taken(path: Path) -> DeliveryFailed:
    return DeliveryFailed(f"{path} is already there, perhaps not imported yet.", "Name another place with --to.")


def account_slugs(accounts: Iterable[Account], most: int = _ACCOUNT_BYTES) -> dict[str, str]:
    """Return what file names have of each account, by its id: the id itself where two would have the same."""
    slugs = {account.id: _slug_of(account, most) for account in accounts}
    counts = Counter(slug.casefold() for slug in slugs.values())  # many file systems take both cases for one name
    return {key: slug if counts[slug.casefold()] == 1 else _slug_of_id(key, most) for key, slug in slugs.items()}


def _slug_of(account: Account, most: int) -> str:
    """Return an account's part of a file name: its name, cut so that its tail and the rest of the name fit."""
    tail = cut_bytes(_plain(account.tail), most)
    name = _plain(unicodedata.normalize("NFC", account.name)).lower()
    name = cut_bytes(name, max(0, most - len(tail.encode()) - 1)).rstrip("-")
    return "-".join(filter(None, (name, tail))) or _slug_of_id(account.id, most)


def _slug_of_id(key: str, most: int) -> str:
    """Return an id of the bank, or its digest where the id cannot be a part of a name."""
    safe = re.fullmatch(r"[A-Za-z0-9_-]+", key) and len(key) <= most
    return key if safe else hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]


def _plain(text: str) -> str:
    """Return the letters and digits of a text, with hyphens for what is between them."""
    return re.sub(r"[^\w]+", "-", text).strip("-")
