"""``primanota help``: show the pages of the documentation, without a network."""

import shutil
import sys
from typing import TYPE_CHECKING

import click

from primanota.app.installation import manual
from primanota.cli.options.completions import completed
from primanota.cli.terminal import output
from primanota.cli.terminal.markdown import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDEST = 100  # longer lines are hard to read


@click.command("help")
@click.argument(
    "words",
    nargs=-1,
    metavar="[TOPIC]",
    type=completed(lambda _, __: ((topic.name, topic.line) for topic in manual.topics())),
)
@click.pass_context
def show_help(ctx: click.Context, *, words: tuple[str, ...]) -> None:
    """Show a page of the documentation, or list the pages.

    TOPIC is a name of that list, or a command.

    Example: primanota help weekly
    """
    if not words:
        _list_topics()
        return
    command = _command(ctx, words)
    topics = {topic.name for topic in manual.topics()}
    if command and (len(words) > 1 or words[0] not in topics):
        output.block(command.get_help().rstrip(), output.line)
        return
    lines = plain(manual.page(" ".join(words)), _width(), manual.topic_of)
    if command:
        lines += ["", f"The command of this name: {command.command_path} --help"]
    output.pages(lines)


def _list_topics() -> None:
    output.result("Pages of the documentation, shown by “primanota help TOPIC”:")
    output.result()
    found = manual.topics()
    width = max(len(topic.name) for topic in found)
    for topic in found:
        output.result(f"  {topic.name:{width}}  {topic.line}")
    output.result()
    output.result("A command: primanota COMMAND --help")


def _command(ctx: click.Context, words: "Sequence[str]") -> click.Context | None:
    """Return the context of the command that the words name; None if there is none."""
    here = ctx.find_root()
    for word in words:
        group = here.command
        if not isinstance(group, click.Group) or word not in group.list_commands(here):
            return None
        below = group.get_command(here, word)
        assert below is not None  # noqa: S101 - it is in the list
        here = click.Context(below, info_name=word, parent=here)
    return here


def _width() -> int:
    if not sys.stdout.isatty():
        return _WIDEST
    return min(shutil.get_terminal_size().columns, _WIDEST)


help = show_help  # noqa: A001 - the name of the command
