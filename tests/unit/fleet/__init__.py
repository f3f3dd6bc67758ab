"""The parts of the fleet that need no database."""
