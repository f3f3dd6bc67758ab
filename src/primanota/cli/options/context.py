"""Options that every command takes, and the workspace that they select."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import click

from primanota.adapters.settings.config import Config
from primanota.adapters.settings.toml_file import OrganisationSettings
from primanota.app.workspace import Workspace
from primanota.cli.options.completions import ORGANISATION
from primanota.cli.options.groups import option_group
from primanota.cli.terminal import output, program
from primanota.cli.terminal.progress import update_bar

# Takes the arguments of ``Workspace``.
WorkspaceFactory = Callable[..., Workspace]


def workspace_factory() -> WorkspaceFactory:
    """Return the factory that ``main`` was given."""
    factory: WorkspaceFactory = click.get_current_context().obj or Workspace
    return factory


def open_workspace(organisation: str | None = None, book: str | None = None, **options: Any) -> Workspace:  # noqa: ANN401 - the options of Workspace
    """Return a workspace made by the factory that ``main`` was given."""
    return workspace_factory()(organisation, book, **options)


def clock_of(settings: Config) -> Callable[[], datetime]:
    """Return the clock of the workspaces that this program makes, before any organisation is known."""
    return open_workspace("new", settings=settings.with_organisation("new", OrganisationSettings())).clock


class CommonOptions(NamedTuple):
    """Options that every command takes: the organisation, its book, and the form of the output."""

    organisation: str | None
    book: str | None
    as_json: bool
    verbose: bool

    def workspace(self, settings: Config | None = None) -> Workspace:
        """Return the workspace of the given organisation and book; without settings they are loaded."""
        loaded = {} if settings is None else {"settings": settings}  # a factory may have its own
        opened = open_workspace(self.organisation, self.book, notify=output.notice, **loaded)
        opened.show_update = update_bar
        return opened

    def command(self, *words: str) -> str:
        """Return a command on the same organisation and book, as it is typed here."""
        named = {"--organisation": self.organisation, "--book": self.book}
        return program.command(*words, *(word for pair in named.items() if pair[1] for word in pair if word))


common_options = option_group(
    "common",
    CommonOptions,
    {
        "organisation": click.option(
            "--organisation",
            type=ORGANISATION,
            multiple=True,
            callback=lambda _, __, names: ",".join(names) or None,
            metavar="NAME",
            help="Which organisation, where there are several.",
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
