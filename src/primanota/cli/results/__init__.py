"""Results that several commands show: accounts, findings, rows of a file, and what undoing a batch does."""
