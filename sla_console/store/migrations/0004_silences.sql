-- What is not told, who wants it so, why, and until when. Times are milliseconds, UTC.
CREATE TABLE silence (
    id TEXT PRIMARY KEY,
    matcher TEXT NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    -- When people were told what is still broken after it.
    settled_at BIGINT
);

CREATE INDEX silence_by_end ON silence (ends_at);
