-- What people did is never rewritten. Triggers are spelt differently by every engine.

CREATE TRIGGER audit_refuses_change BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;

CREATE TRIGGER audit_refuses_removal BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
