"""The faults: their names, the answers that they send, and how they change correct answers."""
