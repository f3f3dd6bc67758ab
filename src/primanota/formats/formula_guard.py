"""Guard texts of a CSV against spreadsheets that would compute them as formulas (OWASP, CSV injection). Pure.

A spreadsheet takes its delimiter from the country of its user, not from the file: a German Excel splits a file of
commas at its semicolons, also within quotes, because the quotes are not at the beginning of what it takes for a cell.
So a text needs the guard at its beginning, and behind each delimiter at which another spreadsheet would begin a cell.
"""

import re
from collections.abc import Callable
from functools import lru_cache

# What a spreadsheet takes for the beginning of a formula, full-width forms included.
_SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
_DELIMITERS = ";,\t"
# A Belgian payment reference as a whole, which invoices are matched by. It ends with a plus, so it is not a formula.
_REFERENCE = re.compile(r"\+\+\+\d{3}/\d{4}/\d{5}\+\+\+")


def guarding(guard: str, delimiter: str = ",") -> Callable[[str], str]:
    """Return a function that puts a guard before everything in a text that a spreadsheet would compute.

    Args:
        guard: what is put there; empty for texts that must stay as they are.
        delimiter: the file's own, at which no spreadsheet splits a text in quotes.
    """
    if not guard:
        return lambda text: text
    others = "".join(one for one in _DELIMITERS if one != delimiter)
    begins = re.compile(rf'((?:^|[{others}])[\s"]*)(?=[{re.escape(_SIGNS)}])')

    first, second, third = [*others, others[0]][:3]

    @lru_cache(maxsize=4096)  # names and texts return
    def guarded(text: str) -> str:
        return text if _REFERENCE.fullmatch(text) else begins.sub(lambda found: found[1] + guard, text)

    def harmless(text: str) -> str:
        # Nearly every text begins with a letter and has no delimiter: this is much faster than the pattern.
        if text[:1].isalnum() and first not in text and second not in text and third not in text:
            return text
        return guarded(text) if text else text

    return harmless


def guarding_each(guard: str, delimiter: str = ",") -> Callable[[list[str]], list[str]]:
    """Return a function that guards each of several texts as ``guarding`` does.

    Most texts need no guard, which is faster to find without a call for each.
    """
    harmless = guarding(guard, delimiter)
    others = [one for one in _DELIMITERS if one != delimiter]

    def harmless_each(texts: list[str]) -> list[str]:
        together = "".join(texts)
        found = [one for one in others if one in together] or ["\n"]  # texts of one line have none
        if len(found) > 1:
            return list(map(harmless, texts))
        (split,) = found
        return [text if not text or (text[0].isalnum() and split not in text) else harmless(text) for text in texts]

    return harmless_each if guard else lambda texts: texts
