"""Options that several commands take, the workspace that they select, and completions of their values."""
