"""The terminal and its streams: output, tables, bars, and how the program is called in it."""
