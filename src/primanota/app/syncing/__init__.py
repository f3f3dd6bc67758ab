"""Sync a book with its bank: read, store, prove, and read again what does not add up."""
