"""A SuperOps to run against: the real schema over HTTP and a living service desk."""
