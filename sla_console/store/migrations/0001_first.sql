-- What the console keeps. Times are milliseconds since 1970, UTC; lists are JSON; truth values 0 and 1.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE ticket (
    id TEXT PRIMARY KEY,
    display_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    status TEXT NOT NULL,
    priority TEXT,
    request_type TEXT,
    client_id TEXT,
    client TEXT,
    site_id TEXT,
    requester TEXT,
    technician_id TEXT,
    technician TEXT,
    tech_group TEXT,
    sla_id TEXT,
    sla_name TEXT,
    created_at BIGINT,
    updated_at BIGINT,
    response_due BIGINT,
    responded_at BIGINT,
    response_violated SMALLINT,
    resolution_due BIGINT,
    resolved_at BIGINT,
    resolution_violated SMALLINT,
    degraded TEXT,
    -- Earliest due time still owed; far in the future where there is none, so that it sorts last.
    next_due BIGINT NOT NULL,
    -- When a closed ticket ended, as far as is known; empty while it is open.
    closed_at BIGINT
);

CREATE INDEX ticket_by_end ON ticket (closed_at, next_due);

CREATE TABLE hold (
    ticket_id TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (ticket_id, began_at)
);

CREATE TABLE technician (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT,
    tech_groups TEXT NOT NULL
);

CREATE TABLE client (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    hq_site_id TEXT
);

CREATE TABLE site (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    client_id TEXT,
    timezone TEXT,
    working_24x7 SMALLINT NOT NULL,
    hours TEXT NOT NULL,
    hq SMALLINT NOT NULL
);

-- The order decides between policies that fit equally well.
CREATE TABLE policy (
    position BIGINT PRIMARY KEY,
    id TEXT NOT NULL,
    document TEXT NOT NULL
);

CREATE TABLE breach (
    id TEXT PRIMARY KEY,
    ticket_id TEXT NOT NULL,
    breach_type TEXT NOT NULL,
    breach_time BIGINT NOT NULL,
    policy TEXT,
    technician_id TEXT,
    severity TEXT NOT NULL,
    customer_impact TEXT NOT NULL,
    escalation_required SMALLINT NOT NULL,
    state TEXT NOT NULL,
    display_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    client TEXT,
    priority TEXT,
    technician TEXT,
    detected_at BIGINT,
    acknowledged_by TEXT,
    acknowledged_at BIGINT,
    note TEXT,
    snoozed_until BIGINT,
    escalated_by TEXT,
    escalated_at BIGINT,
    resolved_at BIGINT
);

CREATE INDEX breach_by_ticket ON breach (ticket_id);
CREATE INDEX breach_by_time ON breach (breach_time);
CREATE INDEX breach_by_state ON breach (state);

-- Warnings that were given, so that none is given twice.
CREATE TABLE warning (
    id TEXT PRIMARY KEY,
    ticket_id TEXT NOT NULL,
    breach_type TEXT NOT NULL,
    threshold_percent BIGINT NOT NULL,
    due BIGINT NOT NULL
);

CREATE INDEX warning_by_ticket ON warning (ticket_id);

CREATE TABLE outbox (
    position BIGINT PRIMARY KEY,
    message_key TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    event TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    ticket_id TEXT,
    created_at BIGINT NOT NULL,
    urgent SMALLINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT,
    lease_until BIGINT,
    accepted_at BIGINT,
    last_error TEXT
);

CREATE INDEX outbox_by_channel ON outbox (channel, state, accepted_at);
CREATE INDEX outbox_by_ticket ON outbox (ticket_id);

CREATE TABLE operation (
    position BIGINT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    ticket_id TEXT NOT NULL,
    value TEXT NOT NULL,
    person TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT,
    sent SMALLINT NOT NULL,
    last_error TEXT
);

CREATE INDEX operation_by_state ON operation (state);
CREATE INDEX operation_by_ticket ON operation (ticket_id);

CREATE TABLE audit (
    position BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    result TEXT NOT NULL
);

CREATE INDEX audit_by_subject ON audit (subject);

CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    term BIGINT NOT NULL,
    holder TEXT NOT NULL,
    expires_ms BIGINT NOT NULL
);
