"""Statements and files of the invented company, and independent readers of them."""
