"""The bank's API over HTTP: the ASGI app, the checks before it, the endpoints, and two ways to reach it."""
