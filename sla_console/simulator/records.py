"""What else a lived-in account holds: time worked on finished tickets, and alerts of servers."""

import random
from datetime import timedelta
from typing import Any, Final

from sla_console.simulator.desk import DeskTicket, SimulatedDesk
from sla_console.simulator.rows import reference, shown_time

_WORKED: Final = ("0.25", "0.50", "0.75", "1.00", "1.50", "2.25")
_ALERTS: Final = (
    ("Low disk space", "Critical", "Disk under 10 percent"),
    ("Backup did not finish", "High", "Nightly backup"),
    ("High memory use", "Medium", "Memory over 90 percent"),
    ("Service stopped: Print Spooler", "Low", "Services that must run"),
)


def keep_records(desk: SimulatedDesk, seed: int) -> None:
    """Give a desk worklogs and alerts, the same for the same seed.

    They are drawn by themselves, so that they move nothing in the life of the tickets.
    """
    chance = random.Random(f"records {seed}")
    for ticket in desk.tickets.values():
        if ticket.technician is not None and not desk.is_open(ticket):
            desk.worklogs.append(_worklog(desk, ticket, chance.choice(_WORKED)))
    clients = list(desk.clients.values())
    for _ in range(min(8, len(clients))):
        message, severity, policy = chance.choice(_ALERTS)
        client = chance.choice(clients)
        created = desk.now - timedelta(minutes=chance.uniform(5, 2880))
        desk.alerts.append(
            {
                "id": desk.new_id(),
                "message": message,
                "status": "Open",
                "severity": severity,
                "createdTime": created.replace(tzinfo=None).isoformat(timespec="minutes"),
                "asset": {
                    "assetId": desk.new_id(),
                    "name": f"SRV-{chance.randrange(1, 80):02d}",
                    "client": reference("accountId", client.id, client.name),
                },
                "policy": {"name": policy, "policyType": "Hardware Performance Monitoring"},
                "occurrenceCount": chance.randrange(1, 6),
            }
        )


def _worklog(desk: SimulatedDesk, ticket: DeskTicket, hours: str) -> dict[str, Any]:
    ticket.worked_hours += float(hours)
    who = ticket.technician
    return {
        "itemId": desk.new_id(),
        "status": "PENDING",
        "serviceItem": {"itemId": "1", "name": "Labour"},
        "billable": True,
        "afterHours": False,
        "qty": hours,
        "billDateTime": shown_time(ticket.resolved or ticket.updated),
        "technician": reference("userId", who.id, who.name) if who else {},
        "workItem": {"workId": ticket.id, "displayId": ticket.number, "module": "TICKET"},
    }
