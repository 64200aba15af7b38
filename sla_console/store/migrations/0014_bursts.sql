-- What each ticket is about, and when it came, so that many at once of one kind can be counted.
ALTER TABLE ticket ADD COLUMN category TEXT;
CREATE INDEX ticket_by_creation ON ticket (created_at);

-- Tickets of an earlier version have no category until they are read again.
INSERT INTO meta (name, value)
SELECT 'categories known from', strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')
WHERE EXISTS (SELECT 1 FROM ticket);
