"""What a request wants of a ticket: checked as a whole first, and only then carried out."""

from datetime import UTC, datetime
from typing import Any, Final

from sla_console.simulator.conditions import Row
from sla_console.simulator.desk import DeskClient, DeskTicket, SimulatedDesk
from sla_console.simulator.refusal import Refusal
from sla_console.simulator.rows import reference

_PLAIN: Final = ("impact", "urgency", "subcategory", "cause", "subcause", "resolutionCode")
_MOMENTS: Final = ("createdTime", "firstResponseTime", "resolutionTime")


def moment_of(text: str | None, attribute: str) -> datetime | None:
    """Read a time as the API takes it: ISO 8601, UTC where it names no offset.

    Raises:
        Refusal: if it is none.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal("type_validation_failed", attribute) from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def client_of(desk: SimulatedDesk, given: Row) -> DeskClient:
    """Return the client that a ``ClientIdentifierInput`` names.

    Raises:
        Refusal: if there is none such.
    """
    client = desk.clients.get(str(given["accountId"]))
    if client is None:
        raise Refusal("referred_value_does_not_exist", "client")
    return client


def person(desk: SimulatedDesk, identity: object) -> tuple[str, str] | None:
    """Return id and name of a technician or requester, None where there is nobody such."""
    known = str(identity)
    if (technician := desk.technicians.get(known)) is not None:
        return technician.id, technician.name
    requesters = (one for client in desk.clients.values() for one in client.requesters)
    return next((one for one in requesters if one[0] == known), None)


def check(desk: SimulatedDesk, given: Row, client: DeskClient | None) -> None:
    """Refuse what the account does not have, before anything is changed.

    Args:
        desk: The account.
        given: The input of a create or an update.
        client: Whose ticket it will be.

    Raises:
        Refusal: naming the first attribute that cannot be taken.
    """
    site, group = given.get("site"), given.get("techGroup")
    wrong = {
        "status": given.get("status") and given["status"] not in desk.statuses,
        "priority": given.get("priority") and given["priority"] not in desk.priorities,
        "techGroup": group and str(group["groupId"]) not in desk.groups,
        "site": site and (client is None or str(site["id"]) != client.site_id),
    }
    technicians = [given.get("technician"), *_list(given, "addFollowers")]
    requesters = [given.get("requester"), *_list(given, "addAdditionalRequester")]
    wrong["technician"] = any(
        one and str(one["userId"]) not in desk.technicians for one in technicians
    )
    wrong["requester"] = any(one and person(desk, one["userId"]) is None for one in requesters)
    for attribute, found in wrong.items():
        if found:
            raise Refusal("referred_value_does_not_exist", attribute)
    if "subject" in given and not (given["subject"] or "").strip():
        raise Refusal("mandatory_validation_failed", "subject")
    for attribute in _MOMENTS:
        moment_of(given.get(attribute), attribute)


def carry_out(desk: SimulatedDesk, ticket: DeskTicket, given: Row, now: datetime) -> None:
    """Change a ticket as asked; a null clears what can be empty."""
    if given.get("client"):
        ticket.client = client_of(desk, given["client"])
        desk.promise(ticket)
    if "requester" in given:
        wanted = given["requester"]
        ticket.requester = person(desk, wanted["userId"]) if wanted else None
    if "technician" in given:
        wanted = given["technician"]
        desk.assign(ticket, desk.technicians[str(wanted["userId"])] if wanted else None, now)
    if "techGroup" in given:
        ticket.group_id = str(given["techGroup"]["groupId"]) if given["techGroup"] else None
    if "priority" in given:
        desk.set_priority(ticket, given["priority"], now)
    if given.get("status"):
        desk.set_status(ticket, given["status"], now)
    if "firstResponseTime" in given:
        ticket.responded = moment_of(given["firstResponseTime"], "firstResponseTime")
    if "resolutionTime" in given:
        ticket.resolved = moment_of(given["resolutionTime"], "resolutionTime")
    ticket.subject = given.get("subject") or ticket.subject
    ticket.request_type = given.get("requestType") or ticket.request_type
    ticket.source = given.get("source") or ticket.source
    if "category" in given:
        ticket.category = given["category"]
    _other_fields(desk, ticket, given)
    ticket.updated = now


def _other_fields(desk: SimulatedDesk, ticket: DeskTicket, given: Row) -> None:
    fields = ticket.fields
    fields |= {name: given[name] for name in _PLAIN if name in given}
    if isinstance(given.get("customFields"), dict):
        fields["customFields"] = fields.get("customFields", {}) | given["customFields"]
    for name, added, removed in (
        ("followers", "addFollowers", "deleteFollowers"),
        ("additionalRequester", "addAdditionalRequester", "deleteAdditionalRequester"),
    ):
        if added not in given and removed not in given:
            continue
        gone = {str(one["userId"]) for one in _list(given, removed)}
        new = [found for one in _list(given, added) if (found := person(desk, one["userId"]))]
        gone_or_new = gone | {identity for identity, _ in new}
        kept = [one for one in fields.get(name, []) if str(one["userId"]) not in gone_or_new]
        fields[name] = kept + [reference("userId", *found) for found in new]


def _list(given: Row, name: str) -> list[Any]:
    return [one for one in given.get(name) or [] if one is not None]
