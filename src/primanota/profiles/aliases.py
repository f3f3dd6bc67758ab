"""Other names of accounting tools, as people and vendors call them, and the profile that each stands for."""

from collections.abc import Iterable

_ALIASES = {
    "cfonb": "cfonb-fr",
    "cfonb120": "cfonb-fr",
    "coda": "coda-be",
    "cuaderno43": "norma43-es",
    "datev-csv": "datev",
    "datev-extf": "datev",
    "fec": "fec-fr",
    "firefly-iii": "firefly",
    "lexoffice": "lexware",
    "lexware-office": "lexware",
    "n43": "norma43-es",
    "norma43": "norma43-es",
    "quickbooks-online": "quickbooks",
    "xlsx": "excel",
    "zoho-books": "zoho",
}


def aliases(name: str) -> tuple[str, ...]:
    """Return the other names of a profile."""
    return tuple(alias for alias, profile in _ALIASES.items() if profile == name)


def meant(word: str, known: Iterable[str]) -> str:
    """Return the profile that a word stands for, whatever its capitals; an unknown word stays as it is."""
    plain = "-".join(word.casefold().replace("_", "-").split())
    name = _ALIASES.get(plain, plain)
    return name if name in known else word


def all_aliases() -> list[str]:
    """Return the other names of all profiles."""
    return [*_ALIASES]
