"""Options that belong together reach a command as one value."""

from collections.abc import Callable, Mapping
from functools import wraps

Command = Callable[..., None]


def option_group(
    name: str, kind: Callable[..., object], options: Mapping[str, Callable[[Command], Command]]
) -> Callable[[Command], Command]:
    """A decorator that adds options to a command and gives it all of them together.

    Args:
        name: under which the command gets them.
        kind: made of them, each under its key.
        options: by the name that click gives each of them, in the order in which help shows them.
    """

    def decorate(command: Command) -> Command:
        @wraps(command)
        def call(*context: object, **words: object) -> None:
            said = {key: words.pop(key) for key in options}
            command(*context, **{name: kind(**said)}, **words)

        given: Command = call
        for option in reversed(list(options.values())):
            given = option(given)
        return given

    return decorate
