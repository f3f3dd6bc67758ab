"""Tests of the file formats: their rules, and how independent programs read their files."""
