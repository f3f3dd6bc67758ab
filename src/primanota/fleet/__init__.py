"""Many organisations on one to many machines: clients, due runs and the shared request budget in PostgreSQL.

Needs the extra ``fleet``. Nothing else of the program imports this package, except the command line.
"""
