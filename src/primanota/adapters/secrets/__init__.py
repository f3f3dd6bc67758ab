"""Where API keys and passwords are kept."""
