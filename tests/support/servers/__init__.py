"""Servers on this machine: mail, S3, and those that misbehave."""
