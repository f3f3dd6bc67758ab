"""Prove accounts: by the balances at the ends of days, and by those that statements state."""
