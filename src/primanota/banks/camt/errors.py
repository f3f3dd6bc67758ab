"""The error of a file that cannot be read: what is wrong, on which line, and what to do."""

ASK_AGAIN = "Get the file from the bank again; nothing was stored."


class UnreadableFile(ValueError):
    """A file that cannot be imported as it stands.

    Args:
        what: what is wrong, a clause without a full stop.
        line: the line of the file, from 1 on; 0 if it is not known.
        advice: one sentence: what to do next.
    """

    def __init__(self, what: str, line: int = 0, advice: str = ASK_AGAIN) -> None:
        super().__init__(what)
        self.what = what
        self.line = line
        self.advice = advice
