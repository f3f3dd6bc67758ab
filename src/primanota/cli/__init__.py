"""The command line. One module for each command group, imported when the command is used."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from primanota.cli import output
from primanota.core.errors import DeliveryFailed, InvalidInput, PrimanotaError, mistake

if TYPE_CHECKING:
    from primanota.cli.context import WorkspaceFactory

_INTERRUPTED = 130
# Each stands in the module of this package that is called like it.
_COMMANDS = (
    *("demo", "login", "run", "sync", "review", "export", "batches", "rules", "schedule"),
    *("check", "book", "profiles", "get", "simulator"),
)
# What to do where a command with one of these words asks a question and the input is not a terminal.
_UNASKED = {
    "--mail": "Set PRIMANOTA_MAIL_PASSWORD.",
    "login": "Set PRIMANOTA_LOGIN and PRIMANOTA_SECRET_KEY.",
    "schedule": "Give --yes.",
}


class _Lazy(click.Group):
    """Finds a command's module only when the command is asked for, so that the others cost nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        if cmd_name not in _COMMANDS:
            raise click.NoSuchCommand(cmd_name, possibilities=_COMMANDS, ctx=ctx)
        command = getattr(import_module(f"primanota.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101 - for the type checker
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="primanota", message="%(prog)s %(version)s")
def primanota() -> None:
    """Keep the book of first entry from a Qonto bank account, and write the file your accounting tool imports.

    Nothing missing, nothing twice, every cent and every day right, provably. Start with: primanota demo

    Unofficial: not made or endorsed by Qonto. It can only read.
    """


def main(words: list[str], workspaces: "WorkspaceFactory | None" = None) -> int:
    """Run one command.

    Args:
        words: what was typed behind the program's name.
        workspaces: makes the workspaces that commands work in; ``Workspace`` itself by default.

    Returns:
        The exit code, as ``errors.py`` lists them.
    """
    output.begin()
    try:
        code = _run(words, workspaces)
        output.finish()
    except output.Unwritable as error:
        output.give_up()
        output.error(error, machines=False)
        return error.exit_code
    except BrokenPipeError:
        output.give_up()  # the reader of the output has closed it
        return _INTERRUPTED
    return code


def _run(words: list[str], workspaces: "WorkspaceFactory | None") -> int:
    machines, verbose = "--json" in words, "-v" in words or "--verbose" in words
    try:
        # Without click's own exits, so that every way out passes here.
        code = primanota.main(words, prog_name="primanota", standalone_mode=False, obj=workspaces)
    except click.ClickException as error:
        error.show()
        if machines:
            output.as_json({"error": error.format_message(), "hint": "", "exit_code": error.exit_code})
        return error.exit_code
    except (click.Abort, KeyboardInterrupt) as error:
        if _is_unattended(error):
            output.info("")  # the question stands on a line that has no end
            refused = InvalidInput("A question cannot be answered without a terminal.", _instead(words))
            output.error(refused, machines=machines)
            return refused.exit_code
        output.info("Interrupted. Nothing is half written.")
        return _INTERRUPTED
    except (output.Unwritable, BrokenPipeError):
        raise
    except PrimanotaError as error:
        output.error(error, machines=machines)
        return error.exit_code
    except Exception as error:
        output.finish()  # where the output is what failed, that is what is said
        if verbose:
            raise
        problem = _unnameable(error) or mistake(error)
        output.error(problem, machines=machines)
        return problem.exit_code
    return code if isinstance(code, int) else 0


def _unnameable(error: Exception) -> PrimanotaError | None:
    """Return the error to show for a file name that the system cannot take; None for every other error."""
    if not isinstance(error, UnicodeEncodeError) or error.encoding != sys.getfilesystemencoding():
        return None
    letter = error.object[error.start]
    return DeliveryFailed(
        f"The locale has only {error.encoding}, so no file can be named with “{letter}”.", "Set PYTHONUTF8=1."
    )


def _is_unattended(error: BaseException) -> bool:
    """Return whether a question met the end of an input that is not a terminal; at a terminal, the user ended it."""
    return isinstance(error.__context__, EOFError) and not sys.stdin.isatty()


def _instead(words: list[str]) -> str:
    """What to do in place of an answer."""
    return next((do for word, do in _UNASKED.items() if word in words), "Run it in a terminal.")
