"""Options that belong together, passed to a command as one value."""

from collections.abc import Callable, Mapping
from functools import wraps

Command = Callable[..., None]


def option_group(
    name: str, kind: Callable[..., object], options: Mapping[str, Callable[[Command], Command]]
) -> Callable[[Command], Command]:
    """Return a decorator that adds options to a command and passes them as one value.

    Args:
        name: the parameter of the command that gets the value.
        kind: makes the value; called with one keyword argument for each option.
        options: click's options by the names of their parameters, in the order in which the help shows them.
    """

    def decorate(command: Command) -> Command:
        @wraps(command)
        def call(*context: object, **parameters: object) -> None:
            given = {key: parameters.pop(key) for key in options}
            command(*context, **{name: kind(**given)}, **parameters)

        decorated: Command = call
        for option in reversed(list(options.values())):
            decorated = option(decorated)
        return decorated

    return decorate
