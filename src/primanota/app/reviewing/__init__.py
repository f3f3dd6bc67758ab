"""Review and check a book: what needs a person, what was put away, what does not add up."""
