"""The log of a worker: a line for each event, without secrets and without bank data."""

import logging
import sys
from datetime import UTC, datetime

from primanota.core.redaction import redacted_error
from primanota.core.text import visible


class OneLine(logging.Formatter):
    """Formats a record as one line: the moment (UTC), the level of a warning, the first line of the text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. What an exception quotes is left out: it may be data of a bank."""
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        level = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        text = next(iter(record.getMessage().splitlines()), "")
        return f"{moment} {level}{visible(redacted_error(text))}"


def begin_log() -> logging.Logger:
    """Write our own events to stderr, and the warnings of the libraries; return our own log."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    root, ours = logging.getLogger(), logging.getLogger("primanota.fleet")
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    # The pool says so at each try while the database is away; a job that could not be acknowledged is found again.
    for name in ("psycopg.pool", "procrastinate", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    ours.setLevel(logging.INFO)
    return ours
