"""The papers of an installation: the description of the procedure, and the log of receptions."""
