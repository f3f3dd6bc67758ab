"""Fleets whose workers and database are killed at random."""
