"""What a French company would set: accounts of the plan comptable général, and a fiscal year from December on."""

from primanota.core.model import Ledger, Posting, Transaction

BANK = "512000"


def assign(row: Transaction) -> tuple[Posting, ...]:
    """What comes in is from customers, what goes out is for suppliers, less the tax that the bank knows of."""
    taxes = tuple(Posting("445660", part.tax, text=f"TVA {part.rate} %") for part in row.vat)
    rest = row.amount.cents - sum(posting.cents for posting in taxes)
    return (*taxes, Posting("411000" if rest > 0 else "401000", rest))


_NAMES = {BANK: "Banque | Qonto", "401000": "Fournisseurs", "411000": "Clients"}
LEDGER = Ledger(BANK, assign, _NAMES, year_start=(12, 1), siren="123456782")
