"""What can be said to every command."""

from functools import wraps
from typing import NamedTuple

import click

from primanota.app.workspace import Workspace, repeated
from primanota.cli import output
from primanota.cli.option_groups import Command, option_group


class CommonOptions(NamedTuple):
    """What can be said to every command: whose book, and how to answer."""

    organisation: str | None
    book: str | None
    as_json: bool
    verbose: bool

    def session(self) -> Workspace:
        """The organisation that is meant, and its book."""
        return Workspace(self.organisation, self.book, tell=output.note)


_said = option_group(
    "door",
    CommonOptions,
    {
        "organisation": click.option(
            "--organisation", metavar="NAME", help="Which organisation, where there are several."
        ),
        "book": click.option(
            "--book",
            metavar="PLACE",
            help="Another book: a path, s3://BUCKET/KEY, or shared:PATH.",
        ),
        "as_json": click.option("--json", "as_json", is_flag=True, help="A summary for machines on stdout."),
        "verbose": click.option("-v", "--verbose", is_flag=True, help="Tell more on stderr."),
    },
)


def common_options(command: Command) -> Command:
    """A command that can be told all this, and that is done again where somebody else changed its book meanwhile."""

    @wraps(command)
    def patient(*context: object, **words: object) -> None:
        repeated(lambda: command(*context, **words))

    return _said(patient)
