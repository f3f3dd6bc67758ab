"""The fleet: clients, runs and the request budget on a real PostgreSQL."""
