"""Read all transactions of an account, page by page, and check that none is missing."""
