"""``primanota completion``: let a shell complete commands, options, profiles, accounts, periods and numbers."""

from typing import get_args

import click
from click.shell_completion import get_completion_class

from primanota.app.installation import shell_completion
from primanota.app.installation.shell_completion import Shell
from primanota.cli.options.completions import COMPLETING
from primanota.cli.terminal import output
from primanota.core.commands import PROGRAM


@click.command()
@click.argument("shell", type=click.Choice(get_args(Shell)))
@click.option("--install", is_flag=True, help="Write it where the shell reads it.")
@click.pass_context
def completion(ctx: click.Context, *, shell: Shell, install: bool) -> None:
    """Print a script that lets a shell complete words.

    Commands, options, profiles, accounts, periods, batch numbers, ids: what the settings and the local book know.

    Example: primanota completion bash --install
    """
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click has these shells
    script = kind(ctx.find_root().command, {}, PROGRAM, COMPLETING).source()
    if not install:
        output.block(script.rstrip(), output.line)
        return
    for sentence in shell_completion.install(shell, script):
        output.result(sentence)
    output.result(f"{shell} completes the words of {PROGRAM} in new terminals.")
