"""The words of accounting tools for money in and money out. Pure."""

from collections.abc import Collection, Iterable, Sequence

# In, then out. A bank's credit is money in: it is what the bank owes.
_PAIRS = (
    *(("C", "D"), ("CR", "DR"), ("Credit", "Debit"), ("CRDT", "DBIT"), ("In", "Out"), ("+", "-")),
    *(("Deposit", "Withdrawal"), ("Inflow", "Outflow"), ("Income", "Expense"), ("Received", "Paid")),
    *(("H", "S"), ("Haben", "Soll"), ("Eingang", "Ausgang"), ("Gutschrift", "Lastschrift"), ("Einnahme", "Ausgabe")),
    *(("Crédit", "Débit"), ("Encaissement", "Décaissement"), ("Recette", "Dépense"), ("Entrée", "Sortie")),
    *(("A", "D"), ("Avere", "Dare"), ("Entrata", "Uscita"), ("Accredito", "Addebito")),
    *(("H", "D"), ("Haber", "Debe"), ("Abono", "Cargo"), ("Ingreso", "Gasto"), ("Entrada", "Salida")),
    *(("Crédito", "Débito"), ("Entrada", "Saída"), ("Bij", "Af"), ("Credit", "Debet")),
)


def pairs(words: Collection[str]) -> list[tuple[str, str]]:
    """Return the known pairs of words for money in and out that have these words, in their notation; best first."""
    found = []
    for pair in _PAIRS:
        if {word.casefold() for word in words} <= {word.casefold() for word in pair}:
            money_in, money_out = (_as_written(word, words) for word in pair)
            found.append((money_in, money_out))
    return list(dict.fromkeys(found))


def by_signs(words: Sequence[str], amounts: Sequence[int]) -> list[tuple[str, str]]:
    """Return the pair that the signs of the amounts next to the words show; empty if they do not."""
    came = {word for word, cents in zip(words, amounts, strict=True) if cents > 0}
    went = {word for word, cents in zip(words, amounts, strict=True) if cents < 0}
    if len(came) == len(went) == 1 and came != went:
        return [(came.pop(), went.pop())]
    return []


def _as_written(word: str, words: Iterable[str]) -> str:
    """Return a word as the sample writes it; a word that it lacks in the case of the other word."""
    for one in words:
        if one.casefold() == word.casefold():
            return one
    if all(one.isupper() for one in words):
        return word.upper()
    return word.lower() if all(one.islower() for one in words) else word
