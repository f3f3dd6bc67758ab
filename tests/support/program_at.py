"""Run the program as if it were another moment: python -m tests.support.program_at MOMENT WORD..."""

import sys
from datetime import datetime
from functools import partial

from primanota.app.workspace import Workspace
from primanota.cli import main
from tests.support.clock import Clock

if __name__ == "__main__":
    sys.exit(main(sys.argv[2:], partial(Workspace, clock=Clock(datetime.fromisoformat(sys.argv[1])))))
