"""The use cases, one per module, and the workspace that opens the book, the bank and the mail for them."""
