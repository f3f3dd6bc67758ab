"""Primanota: the book of first entry, kept from a Qonto bank account."""

__version__ = "0.1.0"
