-- Why a message waits as a word of its own, beside the sentence for people, and the way it took.
ALTER TABLE outbox ADD COLUMN wait_reason TEXT;
ALTER TABLE outbox ADD COLUMN way TEXT NOT NULL DEFAULT 'direct';
ALTER TABLE outbox ADD COLUMN copy_of TEXT;
ALTER TABLE outbox ADD COLUMN on_call TEXT NOT NULL DEFAULT '[]';
ALTER TABLE outbox RENAME COLUMN told_by TO superseded_by;

UPDATE outbox SET wait_reason = CASE
    WHEN why IS NULL THEN 'group' WHEN next_at IS NULL THEN 'fresh data' ELSE 'quiet hours' END
WHERE state = 'gathering';
UPDATE outbox SET wait_reason = CASE
    WHEN why LIKE 'discarded by%' THEN 'discarded' WHEN why LIKE 'it comes and goes%' THEN 'flapping'
    ELSE 'muted' END
WHERE state = 'suppressed';
UPDATE outbox SET way = 'fallback' WHERE why LIKE '%sent here instead%';
UPDATE outbox SET way = 'rerouted' WHERE message_key LIKE '%:by-hand:%';

CREATE INDEX outbox_by_copy ON outbox (copy_of) WHERE copy_of IS NOT NULL;
CREATE INDEX outbox_by_successor ON outbox (superseded_by) WHERE superseded_by IS NOT NULL;

-- What may be open at a channel that keeps incidents, until its end was taken.
CREATE TABLE open_incident (
    channel TEXT NOT NULL,
    incident TEXT NOT NULL,
    message_key TEXT NOT NULL,
    notice TEXT,
    opened_at BIGINT NOT NULL,
    PRIMARY KEY (channel, incident)
);

-- Whose ticket it was before it moved to another client while broken.
ALTER TABLE breach ADD COLUMN moved_from TEXT;
