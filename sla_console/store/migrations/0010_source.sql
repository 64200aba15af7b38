-- Where a ticket came from: what a technician opens owes no first response.

ALTER TABLE ticket ADD COLUMN source TEXT;
