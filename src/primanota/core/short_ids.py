"""Ids by their first letters, as far as these name one of them. Pure."""

from collections.abc import Callable, Collection

from primanota.core.errors import InvalidInput
from primanota.core.redaction import is_key
from primanota.core.text import visible

SHORTEST = 4  # as git's
_SOME = 5
_IN_A_SENTENCE = 12


def beginning(whole: str) -> str:
    """Return as much of an id as a sentence names it by: less than the whole of one that passes for an API key."""
    return visible(whole[:_IN_A_SENTENCE] if is_key(whole) else whole)


def whole_id(word: str, ids: Collection[str], what: str, name: Callable[[str], str] = str) -> str | None:
    """Return the id that is meant by a whole id or its first letters, at least four; None if there is none.

    Args:
        word: what was typed.
        ids: the ids that can be meant.
        what: what they are ids of, in the plural.
        name: returns what a person knows the thing with an id by, with as much of the id as tells it apart.

    Raises:
        InvalidInput: several ids begin so.
    """
    if word in ids:
        return word
    typed = word.casefold()
    found = sorted(one for one in set(ids) if len(word) >= SHORTEST and one.casefold().startswith(typed))
    if len(found) > 1:
        some = "; ".join(map(name, found[:_SOME])) + ("; …" if len(found) > _SOME else "")
        raise InvalidInput(f"“{word}” begins the ids of {len(found)} {what}.", f"Type more of it: {some}.")
    return found[0] if found else None
