-- What reaches the console from outside: links in messages that were used, and calls that were taken.
-- Times are milliseconds, UTC.

-- The one use of a message's links about a breach, written with the step that it was.
CREATE TABLE used_link (
    message_key TEXT NOT NULL,
    breach_id TEXT NOT NULL,
    action TEXT NOT NULL,
    person TEXT,
    channel TEXT NOT NULL,
    used_at BIGINT NOT NULL,
    PRIMARY KEY (message_key, breach_id)
);

-- Signed calls that were taken lately, so that a replay is known also after a restart.
CREATE TABLE hook_call (
    id TEXT PRIMARY KEY,
    taken_at BIGINT NOT NULL
);
