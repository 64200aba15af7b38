"""Asking about many rows by their ids in one statement, however many there are."""

import json
from collections.abc import Sequence
from typing import Final

from sla_console.store.connection import Params

# A parameter for each id would be looked up by name, which takes the longer the more there are.
AMONG: Final = "IN (SELECT value FROM json_each(:ids))"
"""The condition, after the name of a column."""


def among(ids: Sequence[str]) -> Params:
    """Return the parameter of ``AMONG``."""
    return {"ids": json.dumps(ids)}
