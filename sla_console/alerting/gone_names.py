"""Finds what running escalations, and changes of who is on call, name that the configuration lost."""

from collections.abc import Iterable

from sla_console.alerting.concerns import Concern
from sla_console.alerting.routing import Router
from sla_console.domain.alerts.escalation import EscalationPlan
from sla_console.domain.sla.breach import SLABreach

_SHOWN = 3


def gone_names(router: Router, breaches: Iterable[SLABreach]) -> dict[str, list[str]]:
    """Return the tickets whose escalation names what is gone, by what it names, in words.

    Args:
        router: Knows what is configured, and what was renamed.
        breaches: Those that are not over, with the plans they began under.
    """
    found: dict[str, list[str]] = {}
    known: dict[EscalationPlan, tuple[str, ...]] = {}
    for breach in breaches:
        if breach.escalation_state is None:
            continue
        plan = breach.escalation_state.plan
        if plan not in known:
            gone = [name for step in plan.steps for name in router.gone(step.route)]
            known[plan] = tuple(dict.fromkeys(gone))
        for name in known[plan]:
            found.setdefault(name, []).append(breach.display_id or breach.ticket_id)
    return dict(sorted(found.items()))


def gone_words(name: str, tickets: Iterable[str]) -> str:
    """Return a sentence about one name, with the mend."""
    shown = ", ".join(list(dict.fromkeys(tickets))[:_SHOWN])
    return (
        f"running escalations name the {name}, which is no longer configured ({shown}); their "
        f"steps go by today's rules instead; a channel that was renamed can say so with "
        f"renamed_from"
    )


def lost_names(router: Router, breaches: Iterable[SLABreach]) -> dict[str, Concern]:
    """Return what people must know of names that are gone, by what stays while it lasts."""
    found = {
        f"gone {name}": Concern(
            f"An escalation names the {name}, which is gone", gone_words(name, t)
        )
        for name, t in gone_names(router, breaches).items()
    }
    for one in router.directory.lost:
        line = (
            f"the change {one.id} by {one.author} gives {one.rotation} to {one.person}, and the "
            f"configuration no longer has one of them; it holds no more, so give it anew"
        )
        found[f"gone change {one.id}"] = Concern(
            "A change of who is on call names what is gone", line
        )
    return found
