"""What the stories of the model share."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of planned faults would each be formatted for a log that nobody reads."""
    logger = logging.getLogger("sla_console")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(before)
