"""Write the papers of an installation: its procedure, and its log of receptions."""
