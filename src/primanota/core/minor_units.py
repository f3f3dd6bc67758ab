"""How many decimals the amounts of a currency have: the minor units of ISO 4217."""

# Of other than two digits, of the currencies most used with cards.
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_DIGITS = dict.fromkeys(_NONE.split(), 0) | dict.fromkeys(_THREE.split(), 3)


def minor_digits(currency: str) -> int:
    """Return how many decimals the amounts of a currency have: 2 unless it is known to have others."""
    return _DIGITS.get(currency, 2)
