"""Hostile profiles, settings, samples, backups, names, places and mail servers."""
