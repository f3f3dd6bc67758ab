"""Make the company when this module is imported, so that each process that is forked later has it."""

from tests.torture.files.world import company

company()
