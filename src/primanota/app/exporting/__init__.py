"""Export rows as batches of files: select, render, check, record, deliver, undo."""
