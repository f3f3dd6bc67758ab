"""One large fleet: ``python -m tests.torture.fleet --clients 500 --workers 4 --kills 20 --seed 1``."""

import argparse
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support import environment
from tests.torture.fleet.campaign import Storm, raise_storm


def main() -> int:
    """Run the campaign, print its numbers as a table; return 1 if a rule was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.fleet", description=__doc__)
    for name, default in (("clients", 500), ("workers", 4), ("jobs", 4), ("kills", 20), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    wanted = environment.plain()
    os.environ.clear()
    os.environ.update(wanted)
    with TemporaryDirectory() as folder:
        found = raise_storm(Storm(**vars(asked)), Path(folder))
    for sentence in found.broken[:20]:
        sys.stdout.write(f"{sentence}\n")
    sys.stdout.write("| what | number |\n|---|--:|\n")
    for what, number in found.numbers.items():
        sys.stdout.write(f"| {what} | {number:,} |\n")
    sys.stdout.write(f"| rules that were broken | {len(found.broken)} |\n")
    return 1 if found.broken else 0


if __name__ == "__main__":
    sys.exit(main())
