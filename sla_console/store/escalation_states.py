"""The timer of a breach as one JSON document beside it."""

import json
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

from sla_console.domain.alerts.escalation import EscalationPlan, EscalationStep
from sla_console.domain.alerts.escalation_state import EscalationState
from sla_console.domain.alerts.route import Route
from sla_console.store.timestamps import from_ms, from_ms_or_none, to_ms, to_ms_or_none

_JSON: Final = json.JSONEncoder(ensure_ascii=False).encode


def encode(escalation_state: EscalationState) -> str:
    """Return a timer as JSON, its plan included."""
    place = _JSON(
        {
            "opened_at": to_ms(escalation_state.opened_at),
            "base": to_ms(escalation_state.base),
            "round": escalation_state.round,
            "place": escalation_state.place,
            "stopped": escalation_state.stopped,
            "held_since": to_ms_or_none(escalation_state.held_since),
            "remind_at": to_ms_or_none(escalation_state.remind_at),
            "acknowledged_until": to_ms_or_none(escalation_state.acknowledged_until),
        }
    )
    return f'{{"plan": {_plan(escalation_state.plan)}, {place[1:]}'


@lru_cache(maxsize=64)
def _plan(plan: EscalationPlan) -> str:
    """Return a plan as JSON; thousands of breaches share a handful."""
    return _JSON(
        {
            "name": plan.name,
            "acknowledged_for": _seconds(plan.acknowledged_for),
            "steps": [
                {
                    "after": step.after.total_seconds(),
                    "route": _route(step.route),
                    "repeat_every": _seconds(step.repeat_every),
                    "repeats": step.repeats,
                }
                for step in plan.steps
            ],
        }
    )


def decode(document: str) -> EscalationState:
    """Return the timer that ``encode`` wrote."""
    found: dict[str, Any] = json.loads(document)
    plan = found["plan"]
    steps = tuple(
        EscalationStep(
            timedelta(seconds=step["after"]),
            Route(
                tuple(step["route"]["channels"]),
                tuple(step["route"]["people"]),
                tuple(step["route"]["on_call"]),
                tuple(step["route"]["fallback"]),
                _span(step["route"]["fallback_after"]),
            ),
            _span(step["repeat_every"]),
            step["repeats"],
        )
        for step in plan["steps"]
    )
    return EscalationState(
        plan=EscalationPlan(plan["name"], steps, _span(plan["acknowledged_for"])),
        opened_at=from_ms(found["opened_at"]),
        base=from_ms(found["base"]),
        round=found["round"],
        place=found["place"],
        stopped=found["stopped"],
        held_since=from_ms_or_none(found["held_since"]),
        remind_at=from_ms_or_none(found["remind_at"]),
        acknowledged_until=from_ms_or_none(found["acknowledged_until"]),
    )


def _route(route: Route) -> dict[str, Any]:
    return {
        "channels": route.channels,
        "people": route.people,
        "on_call": route.on_call,
        "fallback": route.fallback,
        "fallback_after": _seconds(route.fallback_after),
    }


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
