"""The door for people: words to one call to print. One file a command group, loaded when it is asked for."""

import sys
from importlib import import_module

import click

from primanota.cli import show
from primanota.errors import PrimanotaError

_INTERRUPTED = 130
_BUG = 1
# Each stands in the module of this package that is called like it.
_COMMANDS = (
    *("demo", "login", "run", "sync", "review", "export", "batches", "rules", "schedule"),
    *("check", "book", "profiles", "get", "simulator"),
)


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


def main(words: list[str]) -> int:
    """Run one command.

    Returns:
        The exit code, as ``errors.py`` lists them.
    """
    machines, verbose = "--json" in words, "-v" in words or "--verbose" in words
    show.begin()
    try:
        # Without click's own exits, so that every way out passes here.
        code = primanota.main(words, prog_name="primanota", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        if machines:
            show.as_json({"error": error.format_message(), "do": "", "exit_code": error.exit_code})
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        show.say("Interrupted. Nothing is half written.")
        return _INTERRUPTED
    except PrimanotaError as error:
        show.error(error, machines=machines)
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone: there is nobody to tell
        return _INTERRUPTED
    except Exception as error:
        if verbose:
            raise
        what = f"This is a mistake in Primanota: {type(error).__name__} ({error})."
        show.error(PrimanotaError(what, "Run it again with -v and report what it prints."), machines=machines)
        return _BUG
    return code if isinstance(code, int) else 0
