"""One use case a module, and the workspace that opens what they need."""
