"""Each file format: what it promises, and what programs that nobody here wrote read in it."""
