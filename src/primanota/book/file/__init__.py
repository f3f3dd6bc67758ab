"""The SQLite file of a book: open, lock, migrate, chain by hashes, and translate its errors."""
