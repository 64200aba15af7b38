-- Until when a channel asked to be left alone, so that a restart does not forget it.
ALTER TABLE channel ADD COLUMN paused_until BIGINT;
