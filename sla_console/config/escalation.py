"""Settings about who is told: routes, and escalations step by step."""

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from sla_console.config.base import Name, SettingsGroup
from sla_console.config.naming import unknown_name
from sla_console.domain.alerts.escalation import EscalationPlan, EscalationStep
from sla_console.domain.alerts.route import ASSIGNEE, Route


class RouteSettings(SettingsGroup):
    """Who is told, and through what if that fails."""

    channels: list[Name] = Field(default_factory=list)
    """Channels that are told always."""
    people: list[Name] = Field(default_factory=list)
    """People, told through their own channels; "assignee" is whoever has the ticket."""
    on_call: list[Name] = Field(default_factory=list)
    """Rotations; whoever is on call at that moment is told."""
    fallback: list[Name] = Field(default_factory=list)
    """Channels that are tried one after the other where one of the others does not take it."""
    fallback_seconds: int | None = Field(default=None, ge=5, le=86_400)
    """Seconds that the one before has; not written: 60 where urgent, else 300."""

    def own_route(self, enabled: Collection[str]) -> Route:
        """Return the route these settings describe, without channels that are switched off."""
        wait = self.fallback_seconds
        return Route(
            tuple(name for name in self.channels if name in enabled),
            tuple(self.people),
            tuple(self.on_call),
            tuple(name for name in self.fallback if name in enabled),
            None if wait is None else timedelta(seconds=wait),
        )


class TargetSettings(RouteSettings):
    """Who is told, written out or named."""

    route: Name | None = None
    """A route of alerts.routes; what is written beside it is told too."""

    def as_route(self, routes: Mapping[str, RouteSettings], enabled: Collection[str]) -> Route:
        """Return the named route with what is written beside it."""
        mine = self.own_route(enabled)
        if self.route is None or self.route not in routes:
            return mine
        named = routes[self.route].own_route(enabled)
        return Route(
            tuple(dict.fromkeys((*named.channels, *mine.channels))),
            tuple(dict.fromkeys((*named.people, *mine.people))),
            tuple(dict.fromkeys((*named.on_call, *mine.on_call))),
            mine.fallback or named.fallback,
            mine.fallback_after or named.fallback_after,
        )


class StepSettings(TargetSettings):
    """One step of an escalation."""

    after_minutes: int = Field(ge=0, le=10_080)
    """Minutes of wall time since the breach, or since it was given back."""
    repeat_minutes: int | None = Field(default=None, ge=1, le=10_080)
    """Tell them again so often; not written: once."""
    repeat_times: int | None = Field(default=None, ge=1, le=100)
    """How many times again."""

    @model_validator(mode="after")
    def _tells_somebody(self) -> Self:
        if not (self.route or self.channels or self.people or self.on_call):
            raise ValueError(
                "it tells nobody; give route, channels, people or on_call, or remove the step"
            )
        if (self.repeat_times is None) != (self.repeat_minutes is None):
            raise ValueError(
                "found one of repeat_minutes and repeat_times, expected both or neither"
            )
        return self


class EscalationPlanSettings(SettingsGroup):
    """What happens to a breach that nobody takes."""

    steps: list[StepSettings] = Field(min_length=1)
    """The steps, rising in time."""
    acknowledged_minutes: int | None = Field(default=None, ge=1, le=100_000)
    """Minutes for which an acknowledgement holds; not written: as alerts says."""

    @model_validator(mode="after")
    def _rises(self) -> Self:
        after = [step.after_minutes for step in self.steps]
        if after != sorted(set(after)):
            raise ValueError(f"found steps after {after} minutes, expected each once and rising")
        return self

    def as_domain(
        self, name: str, routes: Mapping[str, RouteSettings], enabled: Collection[str]
    ) -> EscalationPlan:
        """Return the plan these settings describe."""
        lasts = self.acknowledged_minutes
        return EscalationPlan(
            name,
            tuple(
                EscalationStep(
                    timedelta(minutes=step.after_minutes),
                    step.as_route(routes, enabled),
                    timedelta(minutes=step.repeat_minutes) if step.repeat_minutes else None,
                    step.repeat_times or 0,
                )
                for step in self.steps
            ),
            None if lasts is None else timedelta(minutes=lasts),
        )


def target_faults(
    where: str,
    target: RouteSettings,
    channels: Collection[str],
    people: Collection[str],
    rotations: Collection[str],
    routes: Collection[str] = (),
) -> Iterator[str]:
    """Yield, in words, each name of a route that points at nothing, and a route that tells nobody.

    A rule that tells nobody mutes what it matches; a route of its own would mute a step unseen.
    """
    for key, names, known, table in (
        ("channels", target.channels, channels, "alerts.channels"),
        ("people", target.people, {*people, ASSIGNEE}, "alerts.people"),
        ("on_call", target.on_call, rotations, "alerts.on_call"),
        ("fallback", target.fallback, channels, "alerts.channels"),
    ):
        for place, name in enumerate(names):
            if name not in known:
                yield unknown_name(f"{where}.{key}[{place}]", name, known, table)
    if not isinstance(target, TargetSettings):
        if not (target.channels or target.people or target.on_call):
            yield f"{where}: it tells nobody; give channels, people or on_call, or remove the route"
    elif target.route and target.route not in routes:
        yield unknown_name(f"{where}.route", target.route, routes, "alerts.routes")
