"""Typed settings, strict reading of TOML, paths and where secrets come from."""
