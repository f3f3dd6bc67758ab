"""Files of camt.053 (ISO 20022, bank to customer statement), of any bank, as the source of a book."""
