"""The bank: its transactions, its balances, and what happens to them."""
