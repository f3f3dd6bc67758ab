"""The command line: find the module of a command, run it, and show its error. Commands are in ``commands``."""

import sys
from contextlib import suppress
from contextvars import copy_context
from importlib import import_module
from io import StringIO
from traceback import format_exception
from typing import TYPE_CHECKING

import click

from primanota.adapters.settings import config
from primanota.cli.options.completions import COMPLETING
from primanota.cli.terminal import output
from primanota.core import redaction
from primanota.core.disk_errors import system_error, unnameable
from primanota.core.errors import InvalidInput, PrimanotaError, mistake
from primanota.core.redaction import redacted_error
from primanota.core.text import visible

if TYPE_CHECKING:
    from primanota.cli.options.context import WorkspaceFactory

_INTERRUPTED = 130
# Each command is in the module of the same name.
_COMMANDS = (
    *("demo", "login", "run", "sync", "import", "web", "status", "list", "review", "export", "batches", "rules"),
    *("schedule", "close", "papers", "receipts", "statements", "check", "book", "profiles", "fleet", "get"),
    *("simulator", "logout", "help", "completion"),
)
# But for these: a module “list” would hide Python's own here, and “import” is a word of Python.
_MODULES = {"list": "list_rows", "import": "import_files"}
# The hint if a command with this word asks a question and stdin is not a terminal.
_WITHOUT_ANSWER = {
    "--oauth": "Set PRIMANOTA_OAUTH_CLIENT_ID and its secret; with --manual, pipe the browser's address into it.",
    "--mail": "Set PRIMANOTA_MAIL_PASSWORD.",
    "login": "Log in at a terminal. Without a login the key may be in PRIMANOTA_LOGIN and PRIMANOTA_SECRET_KEY.",
    "schedule": "Give --yes.",
}


class _Lazy(click.Group):
    """Load the module of a command only when it is used, as start-up time counts."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS and ctx.resilient_parsing:
            return None  # the shell asks for words behind one that is not a command
        if cmd_name not in _COMMANDS:
            raise click.NoSuchCommand(cmd_name, possibilities=_COMMANDS, ctx=ctx)
        module = _MODULES.get(cmd_name, cmd_name)
        command = getattr(import_module(f"primanota.cli.commands.{module}"), module)
        assert isinstance(command, click.Command)  # noqa: S101 - for the type checker
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="primanota", message="%(prog)s %(version)s")
def primanota() -> None:
    """Keep the book of first entry, and write the file that your accounting tool imports.

    The rows come from a Qonto bank account, from statement files of any bank (camt.053), or from both.

    Nothing missing, nothing twice, every cent and every day right, provably. Start with: primanota demo

    Unofficial: not made or endorsed by Qonto. It can only read.
    """


def main(words: list[str], workspaces: "WorkspaceFactory | None" = None) -> int:
    """Run one command.

    Args:
        words: the words after the program's name.
        workspaces: makes the workspaces of the commands; ``Workspace`` by default.

    Returns:
        The exit code, as ``errors.py`` lists them.
    """
    if config.shell_variable(COMPLETING):
        with suppress(Exception):  # the shell would show it in the middle of what is typed
            primanota.main(words, prog_name="primanota", standalone_mode=False, obj=workspaces)
        return 0
    try:
        code = copy_context().run(_run, words, workspaces)  # each command has its own state of ``output``
        output.flush()
    except output.OutputFailed as error:
        output.discard()
        output.error(error, machines=False)
        return error.exit_code
    except BrokenPipeError:
        output.discard()  # the program that reads the output has ended
        return _INTERRUPTED
    return code


def _run(words: list[str], workspaces: "WorkspaceFactory | None") -> int:
    redaction.begin()
    as_json, verbose = "--json" in words, "-v" in words or "--verbose" in words
    try:
        # Without click's own exits, so that every error is handled here.
        code = primanota.main(words, prog_name="primanota", standalone_mode=False, obj=workspaces)
    except click.ClickException as error:
        return _show_usage_error(error, as_json=as_json)
    except (click.Abort, KeyboardInterrupt) as error:
        if _input_ended(error):
            output.info("")  # ends the line of the question
            refused = InvalidInput("A question was asked, and stdin is not a terminal.", _hint(words))
            return _show_error(refused, as_json=as_json)
        output.info("Interrupted. No file is half written.")
        return _INTERRUPTED
    except (output.OutputFailed, BrokenPipeError):
        raise
    except PrimanotaError as error:
        return _show_error(error, as_json=as_json)
    except Exception as error:  # noqa: BLE001 - each is reported
        return _show_mistake(error, as_json=as_json, verbose=verbose)
    return code if isinstance(code, int) else 0


def _show_usage_error(error: click.ClickException, *, as_json: bool) -> int:
    """Show an error of click, which quotes what was typed; return its exit code."""
    shown = StringIO()
    error.show(shown)
    text = shown.getvalue()
    if not isinstance(error, click.exceptions.NoArgsIsHelpError):  # whose message is the help, in lines
        # A line break in a word would begin a line of its own.
        text = text.replace(error.message, visible(error.message))
    output.block(redacted_error(text.expandtabs()).rstrip(), output.info)
    if as_json:
        message = redacted_error(error.format_message())
        output.as_json({"error": message, "hint": "", "exit_code": error.exit_code})
    return error.exit_code


def _show_error(error: PrimanotaError, *, as_json: bool) -> int:
    """Show an error, and return its exit code."""
    output.error(error, machines=as_json)
    return error.exit_code


def _show_mistake(error: Exception, *, as_json: bool, verbose: bool) -> int:
    """Show an error that is a mistake of this program, with -v where it happened; return its exit code."""
    output.flush()  # if stdout is what failed, that error is raised instead
    known = _unnameable(error) or system_error(error)
    if verbose and not known:
        output.block(redacted_error("".join(format_exception(error))).rstrip(), output.info)
    return _show_error(known or mistake(error), as_json=as_json)


def _unnameable(error: Exception) -> PrimanotaError | None:
    """Return the error to show for a file name that the system cannot take; None for every other error."""
    if not isinstance(error, UnicodeEncodeError) or error.encoding != sys.getfilesystemencoding():
        return None
    return unnameable(error)


def _input_ended(error: BaseException) -> bool:
    """Return whether stdin ended at a question and is not a terminal; at a terminal the user pressed Ctrl-D."""
    return isinstance(error.__context__, EOFError) and not sys.stdin.isatty()


def _hint(words: list[str]) -> str:
    """Return the hint for a command that asks a question without a terminal."""
    return next((hint for word, hint in _WITHOUT_ANSWER.items() if word in words), "Run it in a terminal.")
