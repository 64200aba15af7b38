-- Until when a channel asked to be left alone, so that a restart does not forget it.
ALTER TABLE channel ADD COLUMN paused_until BIGINT;

-- Who takes over when, because a person said so; rows are only added, and ended early.
CREATE TABLE handover (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rotation TEXT NOT NULL,
    person TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    author TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX handover_by_end ON handover (ends_at);

-- When people are away, from the calendar that was read last.
CREATE TABLE absence (
    person TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    words TEXT NOT NULL DEFAULT ''
);
CREATE INDEX absence_by_person ON absence (person, ends_at);
