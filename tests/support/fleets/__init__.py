"""Fleets of simulated organisations on a real PostgreSQL."""
