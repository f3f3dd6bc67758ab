"""Fuzzing: the answers of a simulated bank are mutated, and what the commands then do is held against rules."""
