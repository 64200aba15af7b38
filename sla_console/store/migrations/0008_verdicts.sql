-- A verdict is a fact of its own, written once; a correction is the next revision beside it.

ALTER TABLE verdict RENAME TO old_verdict;

CREATE TABLE verdict (
    ticket_id TEXT NOT NULL,
    breach_type TEXT NOT NULL,
    cycle BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    due BIGINT NOT NULL,
    fell_at BIGINT NOT NULL,
    stopped_at BIGINT,
    allowed BIGINT,
    used BIGINT,
    late BIGINT,
    source TEXT NOT NULL,
    hours TEXT NOT NULL,
    policy_id TEXT,
    policy TEXT,
    by_times TEXT,
    reason TEXT NOT NULL,
    written_at BIGINT,
    display_id TEXT NOT NULL,
    client_id TEXT,
    client TEXT,
    priority TEXT,
    tech_group TEXT,
    request_type TEXT,
    technician_id TEXT,
    technician TEXT,
    PRIMARY KEY (ticket_id, breach_type, cycle, revision)
);

CREATE INDEX verdict_by_due ON verdict (due);
CREATE INDEX verdict_by_fall ON verdict (fell_at);

-- Until now only how a resolution ended before its ticket was opened again was kept. From the second
-- cycle on a miss may be none: the time for which the ticket was closed had been counted.
INSERT INTO verdict (
    ticket_id, breach_type, cycle, revision, outcome, due, fell_at, stopped_at, source, hours,
    reason, display_id, client_id, client, priority, tech_group, request_type, technician_id,
    technician
)
SELECT
    old.ticket_id,
    old.breach_type,
    old.cycle,
    1,
    CASE WHEN old.kept = 1 THEN 'met' WHEN old.cycle = 1 THEN 'missed' ELSE 'in doubt' END,
    old.due,
    CASE WHEN old.kept = 0 AND old.cycle = 1 THEN old.due ELSE old.stopped_at END,
    old.stopped_at,
    '',
    '',
    CASE WHEN old.kept = 1 OR old.cycle = 1 THEN ''
    ELSE 'an earlier version counted the time for which the ticket was closed' END,
    coalesce(ticket.display_id, ''),
    ticket.client_id,
    ticket.client,
    ticket.priority,
    ticket.tech_group,
    ticket.request_type,
    ticket.technician_id,
    ticket.technician
FROM (
    SELECT *, row_number() OVER (PARTITION BY ticket_id, breach_type ORDER BY stopped_at) AS cycle
    FROM old_verdict
) AS old
LEFT JOIN ticket ON ticket.id = old.ticket_id;

DROP TABLE old_verdict;

-- SuperOps' due time of the resolution while the ticket was closed: where it is still the same, the
-- closed time is added to it.
ALTER TABLE hold ADD COLUMN resolution_due BIGINT;

UPDATE hold SET resolution_due = (
    SELECT sighting.resolution_due FROM sighting
    WHERE sighting.ticket_id = hold.ticket_id AND sighting.at < hold.ended_at
    ORDER BY sighting.at DESC LIMIT 1
)
WHERE why = 'closed';

-- What was judged stays judged; only the stop of an overdue target comes later.
CREATE TRIGGER verdict_refuses_change
BEFORE UPDATE OF ticket_id, breach_type, cycle, revision, outcome, due, fell_at, source, hours,
    policy_id, policy, by_times, reason ON verdict
BEGIN
    SELECT RAISE(ABORT, 'a verdict is never rewritten');
END;
