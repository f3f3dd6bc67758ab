"""A book that was changed from outside: what leaves is as it would have been, or nothing leaves."""
