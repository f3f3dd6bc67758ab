"""Export: select rows, build files, record batches, deliver them."""
