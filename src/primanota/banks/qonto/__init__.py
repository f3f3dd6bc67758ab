"""Qonto: its API and the field names of its records, which no other package knows."""
