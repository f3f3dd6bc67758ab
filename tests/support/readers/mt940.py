"""Who else reads MT 940: the most used library for it, and the program behind GnuCash's and KMyMoney's import."""

from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import mt940 as library

from tests.support import environment
from tests.support.readers import Seen, program


class Movement(NamedTuple):
    """What a reader says of a row, as text; the amount in cents."""

    day: str
    cents: int
    name: str
    account: str
    purpose: str
    code: str
    reference: str


def mt_940(path: Path) -> Seen:
    """What the library mt-940 sees."""
    found = _parsed(path)
    balances = [found.data[f"final_{which}_balance"].amount.amount for which in ("opening", "closing")]
    return Seen(len(found), sum(_cents(row.data["amount"].amount) for row in found), *map(_cents, balances))


def mt_940_movements(path: Path) -> list[Movement]:
    """The rows as the library mt-940 sees them."""
    keys = ("applicant_name", "applicant_iban", "purpose", "transaction_code", "bank_reference")
    return [
        Movement(f"{row.data['date']}", _cents(row.data["amount"].amount), *(row.data.get(key) or "" for key in keys))
        for row in _parsed(path)
    ]


def aqbanking(path: Path) -> Seen:
    """What aqbanking-cli sees. It keeps no opening balance."""
    rows = aqbanking_movements(path)
    [closing] = _aqbanking(path, "listbal", "--balanceType=noted", "--template=$(valueAsString)")
    return Seen(len(rows), sum(row.cents for row in rows), closing=_cents(Decimal(closing)))


def aqbanking_movements(path: Path) -> list[Movement]:
    """The rows as aqbanking-cli sees them."""
    importer = ("--importer=swift", "--profile=SWIFT-MT940")
    _aqbanking(path, "import", *importer, "-f", str(path))
    columns = ("date", "value", "remoteName", "remoteIban", "purposeInOneLine", "transactionCode", "bankReference")
    texts = {"date": "dateAsString", "value": "valueAsString"}
    template = "|".join(f"$({texts.get(column, column)})" for column in columns)
    rows = [line.split("|") for line in _aqbanking(path, "listtrans", f"--template={template}")]
    return [Movement(_iso(day), _cents(Decimal(value)), *texts) for day, value, *texts in rows]


def _parsed(path: Path) -> library.models.Transactions:
    # Without this option the library puts the account and the name into one text.
    return library.parse(str(path), options=library.Options(applicant_iban=True))


def _aqbanking(path: Path, *words: str) -> list[str]:
    command = [program("aqbanking-cli"), f"--cfgdir={path.parent / 'aqbanking'}", *words]
    context = ("-c", f"{path.parent / 'aqbanking.ctx'}")
    done = environment.run([*command, *context], check=True)
    return done.stdout.splitlines()


def _iso(day: str) -> str:
    return "-".join(reversed(day.split(".")))


def _cents(amount: Decimal) -> int:
    return int(amount * 100)
