-- Version 4. Consents (OAuth) of clients with the secret "oauth:fleet". What is sealed is encrypted (AES-256-GCM) with
-- a key that is not in the database, and bound to its client; the rest is for lists and reports.

CREATE TABLE client_tokens (
    login text PRIMARY KEY REFERENCES clients ON DELETE CASCADE,
    sealed bytea NOT NULL,
    key_id text NOT NULL,                        -- of the key, from which nobody can find the key
    version bigint NOT NULL DEFAULT 1,           -- counts what was stored
    consented timestamptz NOT NULL,              -- when a person consented
    until timestamptz NOT NULL,                  -- when the refresh token ends
    ended text NOT NULL DEFAULT ''               -- why the bank takes them no longer; empty while it does
);

-- A consent that a client was asked for: one for each client, the latest. Its verifier is sealed.
CREATE TABLE invitations (
    login text PRIMARY KEY REFERENCES clients ON DELETE CASCADE,
    state_hash text NOT NULL,                    -- SHA-256 of the word that comes back with the answer
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    made timestamptz NOT NULL,
    expires timestamptz NOT NULL
);
CREATE UNIQUE INDEX invitations_by_state ON invitations (state_hash);
