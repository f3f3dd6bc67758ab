"""The bank's OAuth 2.0 server: authorisation codes, access and refresh tokens, and the scopes of the endpoints."""
