"""The HTTP client of Qonto's API: GET alone, within the bank's rate limits, patient, and with bounded memory."""
