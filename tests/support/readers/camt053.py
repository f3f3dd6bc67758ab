"""Readers of CAMT.053: xmllint by ISO's schemas, pyiso20022, aqbanking (GnuCash, KMyMoney), Odoo's importer (OCA)."""

import importlib.util
import re
import sys
from decimal import Decimal
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

from xsdata.formats.dataclass.parsers import XmlParser

from tests.support.readers import ReaderTotals, StatementFacts, run
from tests.support.readers import aqbanking as read_by_aqbanking

_SCHEMAS = Path(__file__).parents[2] / "format-data"
_VERSION = re.compile(rb"camt\.053\.(001\.\d\d)")
_BLANK = ", ' ', "
_OCA = "odoo-addon-account-statement-import-camt"
_IMPORTER = "odoo/addons/account_statement_import_camt/wizard/account_statement_import_camt_parser.py"


def xmllint(path: Path) -> ReaderTotals:
    """Count and sum by XPath with xmllint, after the file is found valid by the schema of its version."""
    entry, balance = "/*/*/*/*[local-name()='Ntry']", "/*/*/*/*[local-name()='Bal'][.//*[.='{}']]"
    amount, of_side = "*[local-name()='Amt']", "[*[local-name()='CdtDbtInd']='{}']"
    questions = [f"count({entry})"] + [
        f"sum({nodes}{of_side.format(side)}/{amount})"
        for nodes in (entry, balance.format("OPBD"), balance.format("CLBD"))
        for side in ("CRDT", "DBIT")
    ]
    schema = _SCHEMAS / f"camt.053.{_version(path)}.xsd"
    together = f"concat({_BLANK.join(questions)})"
    answer = run("xmllint", "--schema", str(schema), "--xpath", together, str(path)).stdout
    count, *sums = answer.split()
    credit, debit, *ends = (round(Decimal(text) * 100) for text in sums)
    return ReaderTotals(int(count), credit - debit, ends[0] - ends[1], ends[2] - ends[3])


def pyiso20022(path: Path) -> ReaderTotals:
    """Read a file into the classes of pyiso20022."""
    read = statement(path)
    ends = {balance.tp.cd_or_prtry.cd: _signed(balance) for balance in read.bal}
    codes = {getattr(code, "value", code): cents for code, cents in ends.items()}
    return ReaderTotals(len(read.ntry), sum(map(_signed, read.ntry)), codes["OPBD"], codes["CLBD"])


def movements(path: Path) -> list[tuple[str, int]]:
    """Return days and cents, as pyiso20022 reads them."""
    return [(f"{entry.bookg_dt.dt}", _signed(entry)) for entry in statement(path).ntry]


def statement(path: Path) -> Any:  # noqa: ANN401 - generated classes, others for each version
    """Return the statement in the classes of pyiso20022, which refuse an unknown element."""
    [read] = _message(path).stmt
    return read


def facts(path: Path) -> StatementFacts:
    """Return the facts of the statement, as pyiso20022 reads them; it must end on the day of its closing balance."""
    message, read, totals = _message(path), statement(path), pyiso20022(path)
    opening, closing = (f"{balance.dt.dt}" for balance in read.bal)
    assert f"{read.fr_to_dt.to_dt_tm}"[:10] == closing
    return StatementFacts(
        ids=(message.grp_hdr.msg_id, read.id),
        number=int(read.elctrnc_seq_nb),
        first=opening,
        last=closing,
        opening=totals.opening or 0,
        closing=totals.closing or 0,
        total=totals.total,
        keys=tuple(entry.acct_svcr_ref for entry in read.ntry),
    )


def aqbanking(path: Path) -> ReaderTotals:
    """Import a file with aqbanking-cli. It stores the opening balance as one of an unknown kind."""
    read_by_aqbanking(path, "import", "--importer=xml", "--profile=camt_053_001_04", "-f", str(path))
    amounts = [_cents(line) for line in read_by_aqbanking(path, "listtrans", "--template=$(valueAsString)")]
    kept = (path.parent / "aqbanking.ctx").read_text(encoding="utf-8")
    balances = {
        kind: int(cents) for cents, kind in re.findall(r'value="(-?\d+)%2F100%3AEUR"\s+char type="(\w+)"', kept)
    }
    return ReaderTotals(len(amounts), sum(amounts), balances.get("unknown"), balances.get("booked"))


def odoo(path: Path) -> ReaderTotals:
    """Import a file with Odoo, which ignores a statement without rows."""
    read = odoo_statement(path)
    amounts = [_cents(row["amount"]) for row in read["transactions"]]
    return ReaderTotals(len(amounts), sum(amounts), _cents(read["balance_start"]), _cents(read["balance_end_real"]))


def odoo_statement(path: Path) -> dict[str, Any]:
    """Return the statement as Odoo imports it."""
    currency, number, [read] = _odoo_importer().parse(path.read_bytes())
    assert (currency, number) == ("EUR", "DE89370400440532013000")
    return dict(read)


def _message(path: Path) -> Any:  # noqa: ANN401 - generated classes, others for each version
    module = import_module(f"pyiso20022.camt.camt_053_{_version(path).replace('.', '_')}")
    return XmlParser().from_path(path, module.Document).bk_to_cstmr_stmt


def _version(path: Path) -> str:
    found = _VERSION.search(path.read_bytes()[:200])
    assert found
    return found[1].decode()


def _signed(element: Any) -> int:  # noqa: ANN401 - an entry or a balance
    side = {"CRDT": 1, "DBIT": -1}[element.cdt_dbt_ind.value]
    return side * _cents(element.amt.value)


def _cents(amount: Any) -> int:  # noqa: ANN401 - one has decimals, another floats, the third texts
    return round(Decimal(str(amount)) * 100)


def _odoo_importer() -> Any:  # noqa: ANN401 - a class without types
    """Return the importer, on the few names of Odoo that it uses."""
    odoo = ModuleType("odoo")
    vars(odoo).update(models=SimpleNamespace(AbstractModel=object))
    spec = importlib.util.spec_from_file_location("oca_camt", str(metadata.distribution(_OCA).locate_file(_IMPORTER)))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    with patch.dict(sys.modules, {"odoo": odoo}):
        spec.loader.exec_module(module)
    importer = module.AccountStatementImportCamtParser()
    importer.env = SimpleNamespace(_=str)
    return importer
