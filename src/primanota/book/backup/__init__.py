"""A book as plain files, and a book restored from them."""
