"""Promises that Primanota makes."""
