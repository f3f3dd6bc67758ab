"""Books with invented rows, and what tests compare them with."""
