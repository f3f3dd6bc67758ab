"""Find and select rows by the index, without decoding more of them than are needed."""
