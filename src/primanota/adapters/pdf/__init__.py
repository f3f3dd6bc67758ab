"""PDFs: documents to be archived are written, and the bank's statements are read."""
