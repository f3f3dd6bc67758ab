-- Version 3. The firm's letter of an ISO week, with its bytes before it is sent; a worker claims it while it sends it.
CREATE TABLE letters (
    week text PRIMARY KEY,
    sender text NOT NULL,
    recipients text[] NOT NULL,
    message bytea NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'sent')),
    holder text NOT NULL DEFAULT '',             -- the worker that sends it
    claimed timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt timestamptz NOT NULL DEFAULT now(),
    sent timestamptz,
    reason text NOT NULL DEFAULT ''              -- why the last attempt failed
);
