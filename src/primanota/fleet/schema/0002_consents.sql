-- Version 2. When the client's consent (OAuth) ends, as its last run knew it; NULL with an API key.
ALTER TABLE clients ADD COLUMN consent_end timestamptz;
