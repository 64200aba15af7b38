-- A ticket that SuperOps leaves out is not deleted: it is missing first, and gone in the end.

-- When it was last read, while SuperOps leaves it out.
ALTER TABLE ticket ADD COLUMN missing_since BIGINT;
-- When it left the board without having ended, and why.
ALTER TABLE ticket ADD COLUMN gone_at BIGINT;
ALTER TABLE ticket ADD COLUMN gone_why TEXT;
