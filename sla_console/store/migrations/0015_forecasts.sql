-- What the forecast said of a running target, once for each stage of it, and what became of it.
CREATE TABLE forecast_answer (
    ticket_id TEXT NOT NULL,
    breach_type TEXT NOT NULL,
    stage INTEGER NOT NULL,
    asked_at BIGINT NOT NULL,
    due BIGINT NOT NULL,
    probability REAL NOT NULL,
    base_rate REAL NOT NULL,
    broke INTEGER,
    PRIMARY KEY (ticket_id, breach_type, stage)
);
CREATE INDEX forecast_answer_by_due ON forecast_answer (due);

-- What was learned, as compressed JSON, and how the forecast had done by then; the newest counts.
CREATE TABLE forecast_model (
    version INTEGER PRIMARY KEY,
    taught_at BIGINT NOT NULL,
    model BLOB NOT NULL,
    judgement TEXT NOT NULL
);
