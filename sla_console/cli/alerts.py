"""``sla-console alerts``: how each channel does, who would be told what, and a test."""

import argparse
import asyncio
import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sla_console.cli.alert_text import (
    explanation_document,
    explanation_lines,
    status_document,
    status_lines,
)
from sla_console.cli.asking import ask
from sla_console.cli.clock import SystemClock
from sla_console.cli.configuration import Configuration, configured
from sla_console.cli.stored import read_stored
from sla_console.domain.errors import SLAConsoleError, UserError
from sla_console.domain.tickets.operation import AuditEntry
from sla_console.domain.wellness import sentence

if TYPE_CHECKING:
    from sla_console.alerting.ports import Channel, Wording
    from sla_console.domain.alerts.alert import OutboxMessage, SendResult
    from sla_console.domain.board import Health
    from sla_console.domain.sla.sla_clock import EvaluatedTicket
    from sla_console.service.alert_actions import ChannelStatus
    from sla_console.service.alert_preview import PreviewedAlert
    from sla_console.service.sla_service import SLAService


@dataclass(frozen=True, slots=True)
class _Test:
    """One test, and how it went."""

    message: "OutboxMessage"
    result: "SendResult"
    seconds: float

    @property
    def words(self) -> str:
        """How it went."""
        if self.result.accepted:
            return "accepted"
        return f"{'unknown' if self.result.unknown else 'refused'}: {self.result.error}"


def run(args: argparse.Namespace) -> int:
    """Answer one of the three questions."""
    if args.action == "test":
        return _test(args)
    if args.action == "explain":
        return _explain(args)
    return _status(args)


def _status(args: argparse.Namespace) -> int:
    """Print how each channel does; 1 if one is down or something was given up."""

    async def question(service: "SLAService") -> "tuple[list[ChannelStatus], Health]":
        return await service.alert_status(), service.board().health

    asked = ask(args, question)
    found, health = asked.answer
    now = SystemClock().now()
    if args.json:
        document = {**status_document(found, now), "faults": dict(health.faults)}
        print(json.dumps(asked.document(document), indent=2))
    else:
        lines = [*status_lines(found, now), *map(sentence, health.faults.values())]
        # Of the channels SuperOps knows nothing, so what is old matters only to who asked for it.
        print("\n".join(asked.lines(lines) if args.sync else lines))
    down = any(one.channel.down or one.channel.dead for one in found)
    return 1 if down else 0


def _explain(args: argparse.Namespace) -> int:
    """Print who would be told what of a ticket; nothing is sent."""
    if not args.name:
        raise UserError("alerts explain: found no ticket, expected its number or id")

    async def question(
        service: "SLAService",
    ) -> "tuple[EvaluatedTicket, list[PreviewedAlert], tuple[OutboxMessage, ...]]":
        judged, found = await service.explain_alerts(args.name)
        detail = await service.ticket_detail(judged.ticket.id)
        return judged, found, detail.messages

    asked = ask(args, question)
    judged, found, told = asked.answer
    if args.json:
        print(json.dumps(asked.document(explanation_document(judged, found, told)), indent=2))
    else:
        zone = asked.configuration.settings.ui.timezone
        print("\n".join(asked.lines(explanation_lines(judged, found, told, zone))))
    return 0


def _test(args: argparse.Namespace) -> int:
    """Send a marked message through a channel, or those of a rule; 1 if one did not take it."""
    configuration = configured(args)
    if not args.name:
        raise UserError("alerts test: found no name, expected a channel or a rule")
    names = _channels(configuration, args.name)
    tests = asyncio.run(_sent_through(configuration, names))
    for test in tests:
        print(f"{test.message.channel}: {test.words} ({test.seconds:.1f} s)")
    asyncio.run(_note(configuration, tests))
    return 0 if all(test.result.accepted for test in tests) else 1


def _channels(configuration: Configuration, name: str) -> list[str]:
    """Return the channels of a channel's or a rule's name.

    Raises:
        UserError: if there is neither, or the rule reaches nobody now.
    """
    from sla_console.domain.names import hint

    settings = configuration.settings
    enabled = settings.alerts.enabled()
    if name in enabled:
        return [name]
    rules = {rule.name: rule for rule in settings.rules_as_domain()}
    if name not in rules:
        known = [*enabled, *rules]
        advice = hint(name, known) or f"there are {', '.join(known) or 'none'}"
        raise UserError(
            f"alerts test: found {name!r}, expected an enabled channel or a rule; {advice}"
        )
    directory = settings.alerts.directory_as_domain()
    stored = asyncio.run(read_stored(configuration))
    directory.take(stored.handovers if stored else ())
    route, now = rules[name].whole_route, SystemClock().now()
    found = [one.channel for one in directory.recipients(route, now, None)]
    reached = [one for one in found if one in enabled]
    if not reached:
        why = "; ".join(directory.missing(route, now, None)) or "it names nobody"
        raise UserError(f"alerts.rules: {name!r} reaches nobody now: {why}")
    return reached


async def _sent_through(configuration: Configuration, names: list[str]) -> "list[_Test]":
    """Send one test through each channel, all at once, and return how they went."""
    from sla_console.alerting.channels import build_channel
    from sla_console.cli.alerting import channel_spec, wording

    settings = configuration.settings
    channels = [build_channel(channel_spec(settings, name)) for name in names]
    composer = wording(settings)
    limit = settings.alerts.send_timeout_seconds
    return await asyncio.gather(*(_sent(channel, composer, limit) for channel in channels))


async def _sent(channel: "Channel", wording: "Wording", limit: float) -> "_Test":
    """Send one test; after ``limit`` real seconds nobody knows whether it arrived."""
    from sla_console.alerting.channel_worker import ChannelWorker
    from sla_console.domain.alerts.alert import AlertEvent, Notification, OutboxMessage

    now = SystemClock().now()
    plain = OutboxMessage(
        key=f"test:by-hand:{int(now.timestamp() * 1000)}:{channel.name}",
        channel=channel.name,
        event=AlertEvent.TEST,
        title="TEST: nothing is wrong",
        body="",
        ticket_id=None,
        created_at=now,
        attempts=1,
        notification=Notification(AlertEvent.TEST, now, headline="TEST: nothing is wrong"),
        rule="test by hand",
    )
    words = wording.compose(plain, now, channel.limits)
    begun = time.monotonic()
    worker = ChannelWorker(channel, lambda: None)
    result = await worker.send(replace(plain, title=words.title, body=words.body), limit)
    worker.close()
    return _Test(plain, result, time.monotonic() - begun)


async def _note(configuration: Configuration, tests: "list[_Test]") -> None:
    """Note the tests where there is a store that opens.

    What was taken stands among the alerts, which is how the screens of terminals learn of it, and
    the channel is known to work again.
    """
    from sla_console.alerting.circuit import after
    from sla_console.cli.stored import opened_store
    from sla_console.domain.alerts.alert import ChannelRecord, DeliveryState

    who = configuration.settings.ui.operator or "sla-console"
    now = SystemClock().now()
    try:
        async with opened_store(configuration) as store:
            if store is None:
                print("No console has run here yet, so no screen rings and nothing is noted.")
                return
            known = await store.deliveries.channels()
            for test in tests:
                name = test.message.channel
                entry = AuditEntry(now, who, "test channel", name, test.words)
                await store.audit.append(entry)
                if test.result.accepted:
                    taken = replace(
                        test.message, state=DeliveryState.ACCEPTED, next_at=None, accepted_at=now
                    )
                    await store.outbox.enqueue([taken])
                    record = known.get(name, ChannelRecord(name))
                    await store.deliveries.save_channel(after(record, test.result, now))
    except SLAConsoleError as error:
        print(f"The test is not in the history: {error}")
