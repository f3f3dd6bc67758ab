"""The bank's answers, mutated."""
