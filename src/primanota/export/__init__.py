"""From selected rows to delivered files."""
