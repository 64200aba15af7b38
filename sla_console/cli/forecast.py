"""``sla-console forecast``: which promises are likely to break, and whose queue cannot be done."""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sla_console.cli.asking import ask
from sla_console.cli.explain import display_zone
from sla_console.domain.board import Board
from sla_console.domain.durations import words
from sla_console.domain.errors import SLAConsoleError
from sla_console.domain.forecast.bands import band_of
from sla_console.domain.forecast.feasibility import QueuePlan
from sla_console.domain.forecast.forecast import ForecastCoverage
from sla_console.domain.sla.breach import PotentialBreach
from sla_console.domain.wall_time import local_text

if TYPE_CHECKING:
    from sla_console.service.sla_service import SLAService

_Answer = tuple[Board, list[PotentialBreach], dict[str, QueuePlan], ForecastCoverage]
SCHEMA_VERSION: Final = 1
_MOST: Final = 40
_FORM: Final = "%a %d %b %H:%M"


def run(args: argparse.Namespace) -> int:
    """Print what history says about the running clocks and the queues."""

    async def question(service: "SLAService") -> _Answer:
        if service.board().health.last_sync_at is None:
            raise SLAConsoleError(
                "nothing can be foretold: SuperOps was never read; add --sync, or let the console "
                "run"
            )
        potential = await service.detect_potential_breaches()
        plans = await service.plan_queues()
        return service.board(), potential, plans, service.forecast_coverage()

    asked = ask(args, question)
    board, potential, plans, coverage = asked.answer
    if args.json:
        found = _document(board, potential, plans, coverage)
        print(json.dumps(asked.document(found), indent=2))
        return 0
    zone = asked.configuration.settings.ui.timezone
    lines = [
        *_lines(potential, coverage, zone),
        *_proof(coverage),
        "",
        *_queues(board, plans, zone),
    ]
    print("\n".join(asked.lines(lines)))
    return 0


def _lines(
    potential: Sequence[PotentialBreach], coverage: ForecastCoverage, zone_name: str | None
) -> Iterator[str]:
    zone = display_zone(zone_name)
    if not potential:
        yield coverage.nothing_likely()
        return
    yield f"{len(potential)} promises are likely to break, by expected harm"
    yield f"  {'TICKET':<12} {'PROMISE':<14} {'DUE':<16} {'BREAKS':>6}  {'TECHNICIAN':<20} WHY"
    for one in potential[:_MOST]:
        said = "?" if one.probability is None else f"{one.probability:.0%}"
        yield (
            f"  {one.display_id[:12]:<12} {one.breach_type.words:<14} "
            f"{local_text(one.due, zone, _FORM):<16} {said:>6}  "
            f"{(one.technician or 'unassigned')[:20]:<20} {one.why}"
        )
    if len(potential) > _MOST:
        yield f"  and {len(potential) - _MOST} more; --json has them all"


def _proof(coverage: ForecastCoverage) -> Iterator[str]:
    """Give how the forecast has done here, and what it rests on."""
    yield ""
    yield coverage.record.words()
    yield from coverage.notes


def _queues(board: Board, plans: Mapping[str, QueuePlan], zone_name: str | None) -> Iterator[str]:
    zone = display_zone(zone_name)
    if not plans:
        yield "Queues: not enough tickets have ended to know anybody's pace."
        return
    yield "Queues, worked off one after the other at the usual pace, the earliest due first"
    names = _names(board)
    for technician_id, plan in sorted(plans.items(), key=lambda item: -len(item[1].must_move)):
        name = names.get(technician_id, technician_id)
        pace = words(plan.planned[0].work.takes)
        last = local_text(plan.planned[-1].ends, zone, _FORM)
        tickets = f"{len(plan.planned)} tickets at {pace} each, done {last}"
        if plan.is_feasible:
            yield f"  {name}: {tickets}; all in time"
            continue
        numbers = [_number(board, ticket_id) for ticket_id in plan.must_move]
        shown = ", ".join(numbers[:8]) + (", ..." if len(numbers) > 8 else "")
        yield f"  {name}: {tickets}; {len(numbers)} must move: {shown}"


def _names(board: Board) -> dict[str, str]:
    found = {}
    for judged in board.tickets:
        ticket = judged.ticket
        if ticket.technician_id is not None:
            found[ticket.technician_id] = ticket.technician or ticket.technician_id
    return found


def _number(board: Board, ticket_id: str) -> str:
    judged = board.by_id.get(ticket_id)
    return judged.ticket.display_id if judged else ticket_id


def _document(
    board: Board,
    potential: Sequence[PotentialBreach],
    plans: Mapping[str, QueuePlan],
    coverage: ForecastCoverage,
) -> dict[str, Any]:
    names = _names(board)
    return {
        "schema_version": SCHEMA_VERSION,
        "running_clocks": coverage.running,
        "foretold_clocks": coverage.previewed,
        "record": {
            "answers": coverage.record.answers,
            "said": coverage.record.said,
            "broke": coverage.record.broke,
            "brier": coverage.record.brier,
            "base_rate_brier": coverage.record.base_brier,
            "withdrawn": coverage.record.is_withdrawn,
            "words": coverage.record.words(),
        },
        "notes": list(coverage.notes),
        "potential_breaches": [
            {
                "ticket_id": one.ticket_id,
                "display_id": one.display_id,
                "clock": one.breach_type.name.lower(),
                "due": one.due.isoformat().replace("+00:00", "Z"),
                "severity": one.severity,
                "technician": one.technician,
                "probability": one.probability,
                "band": None if one.probability is None else band_of(one.probability),
                "why": one.why,
            }
            for one in potential
        ],
        "queues": [
            {
                "technician_id": technician_id,
                "technician": names.get(technician_id),
                "feasible": plan.is_feasible,
                "seconds_each": plan.planned[0].work.takes.total_seconds(),
                "must_move": [_number(board, ticket_id) for ticket_id in plan.must_move],
                "tickets": [
                    {
                        "display_id": _number(board, planned.work.ticket_id),
                        "due": planned.work.due.isoformat().replace("+00:00", "Z"),
                        "ends": planned.ends.isoformat().replace("+00:00", "Z"),
                        "late_seconds": planned.late_by.total_seconds(),
                    }
                    for planned in plan.planned
                ],
            }
            for technician_id, plan in plans.items()
        ],
    }
