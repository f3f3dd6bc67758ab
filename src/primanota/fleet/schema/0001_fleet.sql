-- Version 1. Everything is in the schema "primanota", which init creates; so are the tables of the job queue.

CREATE TABLE clients (
    login text PRIMARY KEY,
    settings jsonb NOT NULL,                     -- as a table of the settings file; secrets by reference only
    first_day text NOT NULL DEFAULT '',          -- from which on rows are new; empty if the book has it
    schedule text NOT NULL,                      -- like "weekly mon 07:00" or "monthly 1 07:00", local time
    zone text NOT NULL,                          -- like "Europe/Berlin"
    paused boolean NOT NULL DEFAULT false,
    next_due timestamptz NOT NULL,               -- when the planner looks at it next
    added timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX clients_due ON clients (next_due) WHERE NOT paused;

-- A run that was due: one for each client and ISO week or month. The job queue only says when it is tried.
CREATE TABLE occasions (
    login text NOT NULL REFERENCES clients ON DELETE CASCADE,
    name text NOT NULL,                          -- like "2026-W47" or "2026-11", of the local day
    week text NOT NULL,                          -- the ISO week of the local day
    due timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed', 'person')),
    first_sync boolean NOT NULL DEFAULT false,
    attempts integer NOT NULL DEFAULT 0,
    tries integer NOT NULL DEFAULT 0,            -- attempts since a person asked for it again
    begun timestamptz,
    ended timestamptz,
    next_attempt timestamptz,
    job bigint,                                  -- the job that tries it next
    holder text NOT NULL DEFAULT '',             -- the worker that runs it
    alive timestamptz,                           -- when that worker was last heard of
    error_kind text NOT NULL DEFAULT '',
    sentence text NOT NULL DEFAULT '',
    rows integer NOT NULL DEFAULT 0,
    proven boolean,
    PRIMARY KEY (login, name)
);
CREATE INDEX occasions_of_week ON occasions (week, state);
CREATE INDEX occasions_open ON occasions (job) WHERE state IN ('waiting', 'running');
-- A client has one open run at a time.
CREATE UNIQUE INDEX occasions_one_open ON occasions (login) WHERE state IN ('waiting', 'running');

-- One row for each address from which the bank is asked; its lock orders those who take requests.
CREATE TABLE egress_budgets (
    egress text PRIMARY KEY,
    latest bigint NOT NULL DEFAULT 0             -- the last slot from which requests were taken
);

-- Requests that were taken, by slots of half a second.
CREATE TABLE egress_spent (
    egress text NOT NULL REFERENCES egress_budgets ON DELETE CASCADE,
    slot bigint NOT NULL,
    requests integer NOT NULL,
    PRIMARY KEY (egress, slot)
);

-- Keys that the bank refused, by fingerprint: they are not asked again until the key is another one.
CREATE TABLE refused_keys (
    login text PRIMARY KEY REFERENCES clients ON DELETE CASCADE,
    salt text NOT NULL,
    fingerprint text NOT NULL,                   -- from which nobody can find the key
    refused timestamptz NOT NULL
);

-- Takes requests of an address's budget, as many as every limit allows, and returns them with the slots to wait if
-- there are none. "limits" and "spans": in so many successive slots at most so many requests. "present" replaces the
-- clock in tests. The row lock orders all who take, and the clock is read behind it, so slots are filled in order.
CREATE FUNCTION take_requests(address text, wanted integer, limits integer[], spans integer[], present bigint)
RETURNS TABLE (granted integer, pause bigint) LANGUAGE plpgsql AS $$
DECLARE
    room integer;
    spent bigint;
    oldest bigint;
    last bigint;
BEGIN
    SELECT latest INTO last FROM egress_budgets WHERE egress = address FOR UPDATE;
    present := greatest(last, coalesce(present, floor(extract(epoch FROM clock_timestamp()) * 2)::bigint));
    granted := wanted;
    pause := 0;
    FOR place IN 1..cardinality(limits) LOOP
        SELECT coalesce(sum(requests), 0), min(slot) INTO spent, oldest
            FROM egress_spent WHERE egress = address AND slot > present - spans[place];
        room := greatest(limits[place] - spent, 0);
        IF room = 0 THEN
            pause := greatest(pause, oldest + spans[place] - present);
        END IF;
        granted := least(granted, room);
    END LOOP;
    IF granted > 0 THEN
        INSERT INTO egress_spent AS known (egress, slot, requests) VALUES (address, present, granted)
            ON CONFLICT (egress, slot) DO UPDATE SET requests = known.requests + granted;
        IF present > last THEN
            UPDATE egress_budgets SET latest = present WHERE egress = address;
            DELETE FROM egress_spent WHERE egress = address
                AND slot <= present - (SELECT max(span) FROM unnest(spans) AS span);
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- When the server began: for so long nobody could be heard of. Tests replace it.
CREATE FUNCTION server_began() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT pg_postmaster_start_time()';
