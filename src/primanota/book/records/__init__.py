"""The bank's records, byte for byte, with an index that is derived from them and verified against them."""
