"""The papers of an installation."""
