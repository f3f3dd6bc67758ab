"""Query a book without changing it: rows, their history, flows of money, and its state."""
