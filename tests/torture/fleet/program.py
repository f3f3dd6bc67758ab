"""A worker whose minutes are seconds: python -m tests.torture.fleet.program WORD..."""

import sys
from datetime import timedelta

from primanota.app import send_outbox
from primanota.cli import main

if __name__ == "__main__":
    # For so long the letter of a killed worker may still be on its way; in the campaign leases are shorter, too.
    send_outbox._CLAIM = timedelta(seconds=15)
    sys.exit(main(sys.argv[1:]))
