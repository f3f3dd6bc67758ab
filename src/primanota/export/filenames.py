"""Where an export's files go, and how they are called."""

import re
from collections.abc import Collection, Iterable
from pathlib import Path

from primanota.core.errors import DeliveryFailed, InvalidInput
from primanota.core.model import Account, Statement
from primanota.core.period import fiscal_year
from primanota.profiles import Profile


class Names:
    """The names of an export's files: in a folder each under its own, or the one file that was named.

    Args:
        profile: says how its files are called.
        chosen: the accounts.
        to: a folder, or a file when one account is chosen; None where they are not for this machine.
        keep: files that nobody can have imported yet.

    Raises:
        InvalidInput: it is neither, or one file for several accounts.
    """

    def __init__(
        self, profile: Profile, chosen: Iterable[Account], to: Path | None, keep: Collection[Path] = ()
    ) -> None:
        accounts = list(chosen)
        slugs = [_slug(account) for account in accounts]
        self._profile = profile
        self._place = (to or Path()).absolute()
        self._keep = keep
        self._given: dict[Path, tuple[str, int]] = {}
        self._slugs = {
            account.id: slug if slugs.count(slug) == 1 else account.id
            for account, slug in zip(accounts, slugs, strict=True)
        }
        self._here = to is not None
        self._one_file = to is not None and bool(to.suffix or to.is_file()) and not to.is_dir()
        if self._one_file and len(accounts) != 1:
            raise InvalidInput(
                f"{to} is one file, and there are {len(accounts)} accounts.", "Name a folder, or --account."
            )

    def path(self, statement: Statement, period: str, number: int = 1) -> Path:
        """Where a file of a period goes; ``number`` counts the account's files, and the first one shows none.

        Raises:
            DeliveryFailed: a file is there that must be kept.
            InvalidInput: another account's file is called so.
        """
        path = self._path(statement, period, number)
        if path in self._keep:
            raise _taken(path)
        return self._alone(path, statement, number)

    def free_path(self, statement: Statement, batch: int, number: int = 1) -> Path:
        """Where a file goes that is called after its batch, and where no file must be there already.

        Raises:
            DeliveryFailed: one is.
        """
        path = self._path(statement, f"batch-{batch}", number if self._one_file else 1)
        if path in self._keep or (self._here and path.exists()):
            raise _taken(path)
        return self._alone(path, statement, number)

    def _alone(self, path: Path, statement: Statement, number: int) -> Path:
        """One name, one file: of two, the second would take the place of the first."""
        owner = (statement.account.id, number)
        if self._given.setdefault(path, owner) != owner:
            raise InvalidInput(f"Two files would be called {path}.", "Write {account} into the profile's file.")
        return path

    def _path(self, statement: Statement, period: str, number: int) -> Path:
        count = f"_{number}" if number > 1 else ""
        if self._one_file:
            return self._place.with_stem(f"{self._place.stem}{count}")
        start = statement.ledger.year_start if statement.ledger else (1, 1)
        words = {
            "profile": self._profile.name,
            "account": self._slugs[statement.account.id],
            "period": period,
            "siren": statement.ledger.siren if statement.ledger else "",
            "year_end": f"{fiscal_year(statement.last, start)[1]:%Y%m%d}",
        }
        return self._place / f"{self._profile.file.format(**words)}{count}{self._profile.suffix}"


def _taken(path: Path) -> DeliveryFailed:
    return DeliveryFailed(f"{path} is already there, perhaps not imported yet.", "Name another place with --to.")


def _slug(account: Account) -> str:
    plain = re.sub(r"[^\w]+", "-", account.name).strip("-").lower()
    return f"{plain}-{account.tail}" if plain else account.tail
