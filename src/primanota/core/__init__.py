"""The field's words, without input or output: money, periods, statements, proofs, errors."""
