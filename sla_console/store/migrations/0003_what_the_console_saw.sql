-- SuperOps tells no history, so the console keeps what it saw. Times are milliseconds, UTC.

ALTER TABLE hold ADD COLUMN why TEXT NOT NULL DEFAULT 'status';

-- A ticket as it was from a moment on; a row for the first sight and for each change after it.
CREATE TABLE sighting (
    ticket_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    status TEXT NOT NULL,
    priority TEXT,
    client TEXT,
    technician_id TEXT,
    technician TEXT,
    tech_group TEXT,
    sla_name TEXT,
    response_due BIGINT,
    resolution_due BIGINT,
    PRIMARY KEY (ticket_id, at)
);

-- How a promise ended before its ticket was opened again.
CREATE TABLE verdict (
    ticket_id TEXT NOT NULL,
    breach_type TEXT NOT NULL,
    due BIGINT NOT NULL,
    stopped_at BIGINT NOT NULL,
    kept SMALLINT NOT NULL,
    PRIMARY KEY (ticket_id, breach_type, stopped_at)
);

-- Where SuperOps' due time is not ours, as last compared.
CREATE TABLE disagreement (
    ticket_id TEXT NOT NULL,
    breach_type TEXT NOT NULL,
    theirs BIGINT NOT NULL,
    ours BIGINT NOT NULL,
    cause TEXT NOT NULL,
    words TEXT NOT NULL,
    noted_at BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, breach_type)
);

-- Which level a warning was for, and when that was reached, so that it comes again only if it moves.
ALTER TABLE warning ADD COLUMN level TEXT;
ALTER TABLE warning ADD COLUMN level_at BIGINT;
