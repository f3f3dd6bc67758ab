"""What a certificate and a mail say of the receipts in a pack. Pure."""

from collections.abc import Iterator

from primanota.close.texts import PackedReceiptTexts
from primanota.core.language.notation import Notation
from primanota.core.month_close import PackedReceipts


def receipt_sentences(
    texts: PackedReceiptTexts, counts: PackedReceipts, notation: Notation, *, from_files: bool
) -> Iterator[str]:
    """Yield how many rows have receipts, lack one, or have one that was not fetched.

    Args:
        texts: the sentences.
        counts: the numbers.
        notation: how they are written.
        from_files: whether the rows came from files of statements alone, which do not say which receipts are missing.
    """
    files, count = notation.number(counts.files), notation.count
    yield count(texts.packed, counts.rows, files=files) if counts.rows else texts.none
    if counts.missing:
        yield count(texts.missing, counts.missing)
    else:
        yield texts.not_stated if from_files else texts.complete
    if counts.waiting:
        yield count(texts.waiting, counts.waiting)
