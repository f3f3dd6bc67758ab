"""Fetch receipts and statements, keep them beside the book, and hold them against it."""
