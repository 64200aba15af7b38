"""The machine's own moment, for what is compared with another machine's clock.

The console's clock may be simulated or run faster. A receiver that checks the time of a signature,
or names a date before which it wants no other try, means real time.
"""

from collections.abc import Callable
from datetime import UTC, datetime

Now = Callable[[], datetime]
"""Returns a moment as aware UTC."""


def machine_time() -> datetime:
    """Return the machine's moment as aware UTC."""
    return datetime.now(UTC)
