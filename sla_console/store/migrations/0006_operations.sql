-- What a change is in words, what its ticket had when somebody decided, and when it ended.

ALTER TABLE operation ADD COLUMN shown TEXT NOT NULL DEFAULT '';
-- Empty: the ticket had nothing. NULL: it is not known.
ALTER TABLE operation ADD COLUMN expected TEXT;
ALTER TABLE operation ADD COLUMN expected_shown TEXT NOT NULL DEFAULT '';
ALTER TABLE operation ADD COLUMN ended_at BIGINT;
