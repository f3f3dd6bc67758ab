"""The texts of the command line, one module a part of the catalogue."""
