"""The bank: the only rooms that know Qonto."""
