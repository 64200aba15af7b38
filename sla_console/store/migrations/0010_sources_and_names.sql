-- Where a ticket came from: what a technician opens owes no first response.

ALTER TABLE ticket ADD COLUMN source TEXT;

-- Under which names each client was known, so that what the configuration calls by an earlier one
-- still finds it.
CREATE TABLE client_name (
    client_id TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (client_id, name)
);

INSERT INTO client_name (client_id, name) SELECT id, name FROM client;
