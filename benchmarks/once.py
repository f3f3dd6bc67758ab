"""Run one command in a separate process; print its seconds, its CPU time, its peak memory in bytes, its exit code.

Start this script with ``python -I -S``: a process inherits the peak memory of its parent, so the parent must be
smaller than every process it measures. The result is the last line on stdout, after the command's own output; after a
first word --discard, that output is lost.
"""

import os
import sys
import time

_DISCARD = "--discard"
_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss


def main() -> None:
    """Start the command, wait for it, and print the result."""
    started = time.perf_counter()
    command, actions = sys.argv[1:], []
    if command[0] == _DISCARD:
        del command[0]
        actions = [(os.POSIX_SPAWN_OPEN, sys.stdout.fileno(), os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    _, status, used = os.wait4(process, 0)
    seconds = time.perf_counter() - started
    cpu = used.ru_utime + used.ru_stime
    sys.stdout.write(f"\n{seconds} {cpu} {used.ru_maxrss * _UNIT} {os.waitstatus_to_exitcode(status)}\n")


main()
