-- Reports that were frozen: what they were made of and what they said, as compressed JSON.
CREATE TABLE frozen_report (
    name TEXT PRIMARY KEY,
    frozen_at BIGINT NOT NULL,
    frozen_by TEXT NOT NULL,
    inputs BLOB NOT NULL,
    inputs_hash TEXT NOT NULL,
    figures BLOB NOT NULL,
    figures_hash TEXT NOT NULL
);

-- Frozen for ever: nothing rewrites one, nor takes one away.
CREATE TRIGGER frozen_report_refuses_change BEFORE UPDATE ON frozen_report
BEGIN
    SELECT RAISE(ABORT, 'a frozen report is never changed');
END;

CREATE TRIGGER frozen_report_refuses_removal BEFORE DELETE ON frozen_report
BEGIN
    SELECT RAISE(ABORT, 'a frozen report is never removed');
END;

-- A file that a message carries; empty: none.
ALTER TABLE outbox ADD COLUMN attachment TEXT;
