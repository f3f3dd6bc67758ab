"""Simulated banks, as tests alter them."""
