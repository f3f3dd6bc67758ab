"""The control of a running simulator: over HTTP on this machine, and by keys at its terminal."""
