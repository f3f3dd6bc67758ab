"""A ledger for FEC as a French company would set it: plan comptable général, fiscal year from December on."""

from primanota.core.model import Ledger, Posting, Transaction

BANK = "512000"


def assign(row: Transaction) -> tuple[Posting, ...]:
    """Return postings: money in is from customers, money out is for suppliers, less the tax that the bank knows."""
    taxes = tuple(Posting("445660", part.tax, text=f"TVA {part.rate} %") for part in row.vat)
    rest = row.amount.cents - sum(posting.cents for posting in taxes)
    return (*taxes, Posting("411000" if rest > 0 else "401000", rest))


_NAMES = {BANK: "Banque | Qonto", "401000": "Fournisseurs", "411000": "Clients"}
LEDGER = Ledger(BANK, assign, _NAMES, year_start=(12, 1), siren="123456782")
