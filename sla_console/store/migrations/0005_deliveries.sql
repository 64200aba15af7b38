-- What a message tells and to whom, so that it can be worded anew, told together, or told elsewhere.

ALTER TABLE outbox ADD COLUMN notice TEXT;
ALTER TABLE outbox ADD COLUMN thread TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN gather_group TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN expires_at BIGINT;
ALTER TABLE outbox ADD COLUMN person TEXT;
ALTER TABLE outbox ADD COLUMN rule TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN why TEXT;
ALTER TABLE outbox ADD COLUMN told_by TEXT;
ALTER TABLE outbox ADD COLUMN fallback TEXT NOT NULL DEFAULT '[]';
ALTER TABLE outbox ADD COLUMN fallback_at BIGINT;
-- Of its notice, to ask by: which breach, and when it happened.
ALTER TABLE outbox ADD COLUMN breach_id TEXT;
ALTER TABLE outbox ADD COLUMN event_at BIGINT;

CREATE INDEX outbox_by_thread ON outbox (thread, channel, position);
CREATE INDEX outbox_by_breach ON outbox (breach_id);
CREATE INDEX outbox_by_state ON outbox (state, created_at);

-- The timer of a breach's escalation, and a number that rises with each change of it.
ALTER TABLE breach ADD COLUMN tech_group TEXT;
ALTER TABLE breach ADD COLUMN episode TEXT;
ALTER TABLE breach ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;

-- What is known of a channel beside its messages.
CREATE TABLE channel (
    name TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    open_since BIGINT,
    probe_at BIGINT,
    broken TEXT,
    canary_at BIGINT,
    canary_error TEXT
);
