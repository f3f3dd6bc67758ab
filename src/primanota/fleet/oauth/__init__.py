"""Consents of a fleet's clients (OAuth): invitations, and tokens in the database, encrypted, for all workers."""
