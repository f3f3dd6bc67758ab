"""Complete words in the shell: names and numbers that the program knows. Nothing is written or raised."""

from collections.abc import Callable, Iterable
from contextlib import suppress

import click
from click.shell_completion import CompletionItem

# The variable by which a shell asks for words.
COMPLETING = "_PRIMANOTA_COMPLETE"
# Words, or pairs of a word and what it means, which zsh and fish show beside it.
Words = Iterable[str | tuple[str, str]]
# Takes the context of the command, and what was typed.
Source = Callable[[click.Context, str], Words]


class CompletedWord(click.ParamType[str]):
    """A word that the shell completes.

    Args:
        source: returns the words when they are asked for; an error means that there are none.
        name: how the help calls such a word.
    """

    def __init__(self, source: Source, name: str) -> None:
        self._source = source
        self.name = name

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002 - click's signature
        incomplete: str,
    ) -> list[CompletionItem[str]]:
        """Return the words that begin with what was typed, whatever its capital letters."""
        return items(self._source, ctx, incomplete)


def items(source: Source, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
    """Return the words of a source that begin with what was typed."""
    typed, found = incomplete.casefold(), dict[str, CompletionItem[str]]()
    with suppress(Exception):
        for one in source(ctx, incomplete):
            word, meaning = (one, None) if isinstance(one, str) else one
            if word.casefold().startswith(typed):
                found.setdefault(word, CompletionItem(word, help=meaning))
    return [*found.values()]


def completed(source: Source, name: str = "text") -> CompletedWord:
    """Return the type of a parameter whose words the shell completes."""
    return CompletedWord(source, name)


def _accounts(ctx: click.Context, _: str) -> Words:
    from primanota.app.installation import known_words

    return known_words.accounts(*_book_of(ctx))


def _organisations(_: click.Context, __: str) -> Words:
    from primanota.app.installation import known_words

    return known_words.organisations()


def _periods(_: click.Context, __: str) -> Words:
    from primanota.app.installation import known_words
    from primanota.app.workspace import now

    return known_words.periods(now().astimezone().date())


def _months(_: click.Context, __: str) -> Words:
    from primanota.app.installation import known_words
    from primanota.app.workspace import now

    return known_words.closable_months(now().astimezone().date())


def _found_rows(ctx: click.Context, incomplete: str) -> Words:
    from primanota.app.installation import known_words

    return known_words.found_rows(*_book_of(ctx), incomplete)


def _accepted_rows(ctx: click.Context, incomplete: str) -> Words:
    from primanota.app.installation import known_words

    return known_words.accepted_rows(*_book_of(ctx), incomplete)


def batch_numbers(ctx: click.Context, _: str) -> Words:
    """Return the numbers of the batches that a command can use."""
    from primanota.app.installation import known_words

    states = {"undo": {"prepared", "delivered", "waiting"}, "redo": {"undone"}}.get(ctx.info_name or "", set())
    return known_words.batches(*_book_of(ctx), frozenset(states))


def profile_names(_: click.Context, incomplete: str) -> Words:
    """Return the names of profiles, and the files of own ones."""
    from primanota.app.installation import known_words

    return known_words.profile_names(incomplete)


def _book_of(ctx: click.Context) -> tuple[str | None, str | None]:
    """Return the organisation and the book that were named before the word, if any."""
    return ctx.params.get("organisation"), ctx.params.get("book")


ACCOUNT = completed(_accounts)
ACCEPTED_ROW = completed(_accepted_rows)
FOUND_ROW = completed(_found_rows)
ORGANISATION = completed(_organisations)
PERIOD = completed(_periods)
MONTH = completed(_months)
