"""Tests of the file formats: their rules, and what foreign programs read in their files."""
