"""The console script. The version is answered before anything slow is imported."""

import gc
import io
import os
import sys

from primanota import __version__

_INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"primanota {__version__}\n")
        return
    # The process is short and allocates millions of short-lived objects: collect reference cycles seldom.
    gc.set_threshold(100_000, 20, 20)
    # A stream that the caller closed is None: what is said there is lost, and the command goes on.
    sys.stdin, sys.stderr = sys.stdin or _nothing("r"), sys.stderr or _nothing("w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name that an old terminal cannot show must not end a command.
            stream.reconfigure(errors="replace")
    try:
        from primanota.cli import main as run
    except KeyboardInterrupt:  # nothing has begun
        sys.stderr.write("Interrupted.\n")
        sys.exit(_INTERRUPTED)
    code = run(sys.argv[1:])
    if code == _INTERRUPTED:
        # The book is closed and nothing is half written: do not wait for pending answers.
        sys.stdout.flush()
        os._exit(code)
    sys.exit(code)


def _nothing(mode: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.FileIO(os.devnull, mode), encoding="utf-8", write_through=True)


if __name__ == "__main__":
    main()
