"""Import files of statements into a book: all of them, or nothing."""
