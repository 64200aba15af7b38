"""The front door: the command line and the composition root."""

from sla_console.cli.main import main

__all__ = ["main"]
