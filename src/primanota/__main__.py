"""The console script. The version is answered before anything slow is imported."""

import sys

from primanota import __version__


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"primanota {__version__}\n")
        return
    from primanota.cli import run  # noqa: PLC0415 - click alone would cost more than the whole answer above

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
