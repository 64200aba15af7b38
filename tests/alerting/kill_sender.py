"""A sender to be killed: ``python kill_sender.py FOLDER URL LANES [HOLDER]``.

Sends what waits in the store of FOLDER through LANES webhooks, by a clock that runs twenty times
faster than real time, so that leases and retries of a day pass in a test. With HOLDER it takes the
lease under that name and says the term; it ends with 3 when it has lost it.
"""

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sla_console.alerting import dispatcher
from sla_console.alerting.channels import ChannelSpec, build_channel
from sla_console.alerting.wording import Composer
from sla_console.config.secrets import Secret
from sla_console.domain.errors import LostLease
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

PACE = 20


class Hurried:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=time.time() % 1e7 * PACE)

    def elapsed(self) -> timedelta:
        return timedelta(seconds=time.monotonic() * PACE)

    def real_seconds(self, span: timedelta) -> float:
        return max(0.0, span.total_seconds() / PACE)


async def main(folder: Path, url: str, lanes: int, holder: str | None) -> int:
    # After a kill the others need not wait ten seconds for what it had in hand.
    dispatcher._LEASE_MARGIN = 0.3
    dispatcher._BACKOFF = (0.1, 0.2, 0.4, 0.8)
    store = await Store.open(
        folder / "data" / "sla.db", load_or_create_key(folder / "key", keyring_entry=None)
    )
    channels = {
        f"lane{n}": build_channel(
            ChannelSpec(f"lane{n}", "webhook", Secret(f"{url}/lane{n}"), allow_private=True)
        )
        for n in range(lanes)
    }
    sender = dispatcher.Dispatcher(
        store.outbox,
        channels,
        Hurried(),
        Composer(),
        store.deliveries,
        dispatcher.DeliverySettings(send_timeout=1.0),
    )
    if holder is not None:
        sender.term = (await store.lease.acquire(holder, 0, 1_000)).term
    print("ready", sender.term, flush=True)
    try:
        await sender.run()
    except LostLease as error:
        print(error, flush=True)
        return 3
    return 0


if __name__ == "__main__":
    holder = sys.argv[4] if len(sys.argv) > 4 else None
    sys.exit(asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), holder)))
