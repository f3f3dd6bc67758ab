"""Tests of the parts of a month's pack."""
