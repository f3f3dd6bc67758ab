"""The texts of the terminal, in the language of its user: a module for each part of the catalogue."""
