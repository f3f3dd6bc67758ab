"""Tests of the command line's parts, without a command."""
