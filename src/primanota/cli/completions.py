"""Complete words in the shell: names and numbers that the program knows. Nothing is written or raised."""

from collections.abc import Callable, Iterable
from contextlib import suppress

import click
from click.shell_completion import CompletionItem

# Words, or pairs of a word and what it means, which zsh and fish show beside it.
Words = Iterable[str | tuple[str, ...]]


class CompletedWord(click.ParamType[str]):
    """A word that the shell completes.

    Args:
        words: returns the words when they are asked for; errors mean that there are none.
        name: how the help calls such a word.
    """

    def __init__(self, words: Callable[[click.Context], Words], name: str) -> None:
        self._words = words
        self.name = name

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002 - click's signature
        incomplete: str,
    ) -> list[CompletionItem[str]]:
        """Return the words that begin with what was typed, whatever its capital letters."""
        with suppress(Exception):
            found = ((word,) if isinstance(word, str) else word for word in self._words(ctx))
            typed = incomplete.casefold()
            return [
                CompletionItem(word, help=rest[-1] if rest else None)
                for word, *rest in found
                if word.casefold().startswith(typed)
            ]
        return []


def completed(words: Callable[[click.Context], Words], name: str = "text") -> CompletedWord:
    """Return the type of a parameter whose words the shell completes."""
    return CompletedWord(words, name)
