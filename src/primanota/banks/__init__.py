"""The banks: a folder for each one; ``base.py`` has their protocols and the registry."""
