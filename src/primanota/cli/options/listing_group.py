"""Groups that list things, and what to type for one of them."""

from difflib import get_close_matches

import click

# “undu” is taken for “undo”, “lexware” not for “learn”.
_ALIKE = 0.7


class ListingGroup(click.Group):
    """A command that lists things, with subcommands for one of them: a word alone is probably one of the list.

    Args:
        takes: the subcommand that takes such a word.
    """

    def __init__(self, *words: object, takes: str, **parameters: object) -> None:
        super().__init__(*words, **parameters)  # type: ignore[arg-type] # click's own, passed on
        self._takes = takes

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand, as click does; if there is none like it, suggest the one that takes the word."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            if get_close_matches(error.command_name, self.commands, cutoff=_ALIKE):
                raise
            meant = f"{self.name} {self._takes} {error.command_name}"
            raise click.UsageError(f"{error.message} Did you mean '{meant}'?", ctx) from None
