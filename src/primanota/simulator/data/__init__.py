"""The invented data: the company, its past transactions, and their JSON. Everything follows from the seed."""
