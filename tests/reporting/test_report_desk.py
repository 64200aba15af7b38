"""Reports from a real store on disk: paged, protected, permitted, frozen, compared."""

import hashlib
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sla_console.domain.errors import SLAConsoleError, UserError
from sla_console.domain.people.people import Client
from sla_console.domain.readings import LISTS
from sla_console.domain.tickets.ticket import StatusPhases
from sla_console.monitoring import stored_histories
from sla_console.monitoring.evaluator import Evaluator
from sla_console.monitoring.readings import Readings
from sla_console.reporting.build import report_of
from sla_console.reporting.forms import render
from sla_console.reporting.period import Period
from sla_console.reporting.scope import Scope
from sla_console.service.report_service import ReportRequest, ReportRules, ReportService
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

OCTOBER = ReportRequest(Period.month(2026, 10, "UTC"))


@pytest.fixture
async def store(tmp_path: Path):
    key = load_or_create_key(tmp_path / "key", keyring_entry=None, environ={})
    opened = await Store.open(tmp_path / "sla.db", key)
    yield opened
    await opened.close()


async def fill(store, lives) -> None:
    await store.tickets.save(
        [one.ticket for one in lives],
        {one.ticket.id for one in lives if one.ticket.status == "Closed"},
    )
    await store.lives.add_sightings([(o.ticket.id, seen) for o in lives for seen in o.sightings])
    await store.holds.add([(one.ticket.id, hold) for one in lives for hold in one.holds])


async def read(store, clock, *names, failed=()) -> None:
    """Note that these lists were read now, and that others could not be."""
    readings = Readings(store.meta, clock)
    await readings.recall()
    for name in names:
        readings.good(name)
    for name in failed:
        readings.failed(name, "SuperOps refused it.")
    await readings.keep()


@pytest.fixture
async def desk(store, stored_lives, clock):
    clock.set(datetime(2026, 11, 5, 8, 0, tzinfo=UTC))
    await fill(store, stored_lives(300))
    await store.people.save_clients([Client("9", "Silent Ltd")])
    await store.meta.set("history read to", clock.now().isoformat())
    await read(store, clock, *LISTS)
    evaluator = Evaluator(StatusPhases.of(("On Hold",), ("Closed",)))
    return ReportService(store, evaluator, clock, ReportRules(least=3, may_identify=("Marta",)))


async def test_it_is_the_report_of_the_same_tickets(desk, invent, gather, frame) -> None:
    found = await desk.report(OCTOBER, "sam")
    wanted = report_of(gather(invent(300)), frame())
    assert found.response == wanted.response
    assert found.resolution == wanted.resolution
    assert found.groups["client"] == wanted.groups["client"]
    assert found.weeks == wanted.weeks


async def test_page_by_page_it_is_the_same_and_says_how_far(desk, monkeypatch) -> None:
    whole = await desk.report(OCTOBER, "sam")
    monkeypatch.setattr(stored_histories, "_PAGE", 7)
    said: list[tuple[int, int]] = []
    assert await desk.report(OCTOBER, "sam", lambda *far: said.append(far)) == whole
    assert len(said) > 20
    assert said[-1][0] == said[-1][1]


class TestStale:
    """What a report should rest on and does not stands in the report itself."""

    async def test_where_all_was_read_nothing_is(self, desk) -> None:
        assert (await desk.report(OCTOBER, "sam")).stale == ()

    async def test_a_list_that_could_not_be_read_is_named_with_its_age(
        self, desk, store, clock
    ) -> None:
        clock.advance(hours=2)
        await read(store, clock, failed=["sites"])
        (said,) = (await desk.report(OCTOBER, "sam")).stale
        assert said == (
            "Sites could not be read (SuperOps refused it), those shown are of "
            "2026-11-05 08:00 UTC."
        )

    async def test_tickets_of_yesterday_are_old_while_the_period_goes_on(self, desk, clock) -> None:
        november = ReportRequest(Period.month(2026, 11, "UTC"))
        clock.advance(days=1)
        tickets, closed = (await desk.report(november, "sam")).stale
        assert tickets == "Tickets are of 2026-11-05 08:00 UTC, 1 d ago."
        assert closed.startswith("What was closed in SuperOps is known up to 2026-11-05 08:00 UTC")
        assert (await desk.report(OCTOBER, "sam")).stale == (), "October was over when it was read"

    @pytest.mark.parametrize("form", ["md", "html", "json", "csv"])
    async def test_every_form_says_it(self, desk, store, clock, form) -> None:
        await read(store, clock, failed=["sites"])
        report = await desk.report(OCTOBER, "sam")
        for by in ((), ("client",)):
            assert b"ites could not be read" in render(report, form, by)


class TestNames:
    async def test_requesters_have_pseudonyms_that_stay(self, desk, store, clock) -> None:
        one = await desk.report(OCTOBER, "sam")
        other = await ReportService(store, desk._evaluator, clock, desk.rules).report(
            OCTOBER, "sam"
        )
        assert one.promises == other.promises
        names = {promise.requester for promise in one.promises if promise.requester}
        assert all(name.startswith("requester-") for name in names)

    async def test_who_may_gets_names_and_that_is_written_down(self, desk, store) -> None:
        found = await desk.report(replace(OCTOBER, identify=True), "marta")
        assert "Rita" in {promise.requester for promise in found.promises}
        entry = (await store.audit.recent(1))[0]
        assert (entry.actor, entry.action, entry.result) == ("marta", "report with names", "done")

    async def test_who_may_not_is_refused_and_that_is_written_down(self, desk, store) -> None:
        with pytest.raises(UserError, match="--identify: sam may not see"):
            await desk.report(replace(OCTOBER, identify=True), "sam")
        assert (await store.audit.recent(1))[0].result == "refused"


class TestFreezing:
    async def test_figures_stay_whatever_becomes_of_the_tickets(
        self, desk, store, stored_lives, clock
    ) -> None:
        before = await desk.freeze(OCTOBER, "marta")
        assert before.changes == ()
        one = next(o for o in stored_lives(300) if o.ticket.display_id == before.promises[0].number)
        late = one.ticket.response_due + timedelta(days=20)
        await store.tickets.save(
            [replace(one.ticket, responded_at=late, resolved_at=late)], {one.ticket.id}
        )
        clock.advance(days=40)
        after = await desk.report(OCTOBER, "sam")
        assert replace(after, changes=()) == before
        changed = {(change.number, change.frozen, change.now) for change in after.changes}
        assert any(number == one.ticket.display_id for number, _, _ in changed)
        assert all(change.why for change in after.changes)

    async def test_a_second_freeze_changes_nothing(self, desk, clock) -> None:
        first = await desk.freeze(OCTOBER, "marta")
        clock.advance(days=1)
        again = await desk.freeze(OCTOBER, "dev")
        assert again.frozen == first.frozen
        assert again.promises == first.promises

    async def test_the_database_refuses_to_change_or_remove_one(self, desk, store) -> None:
        await desk.freeze(OCTOBER, "marta")
        for statement in ("UPDATE frozen_report SET frozen_by = 'x'", "DELETE FROM frozen_report"):
            with pytest.raises(Exception, match="never"):
                async with store._database.transaction() as transaction:
                    await transaction.run(statement, {})
        assert len(await desk.frozen()) == 1

    async def test_it_is_in_the_history_with_its_hashes(self, desk, store) -> None:
        report = await desk.freeze(OCTOBER, "marta")
        entry = (await store.audit.recent(1))[0]
        assert entry.action == "freeze report"
        assert report.frozen.figures in entry.detail

    async def test_when_the_tickets_are_gone_it_still_says_the_same(self, desk, store) -> None:
        before = await desk.freeze(OCTOBER, "marta")
        await store.tickets.prune_closed(datetime(2027, 1, 1, tzinfo=UTC))
        after = await desk.report(OCTOBER, "sam")
        assert after.promises == before.promises
        gone = sum(change.now == "not known" for change in after.changes)
        assert gone > 100

    async def test_names_can_be_had_of_a_frozen_one_too(self, desk) -> None:
        frozen = await desk.freeze(OCTOBER, "marta")
        found = await desk.report(replace(OCTOBER, identify=True), "marta")
        assert found.response == frozen.response
        assert "Rita" in {promise.requester for promise in found.promises}

    async def test_a_month_that_is_frozen_by_another_clock_is_told_of(self, desk) -> None:
        await desk.freeze(OCTOBER, "marta")
        dublin = ReportRequest(Period.month(2026, 10, "Europe/Dublin"))
        found = await desk.report(dublin, "sam")
        assert found.frozen is None
        assert 'with reports.timezone = "UTC" it gives the frozen figures' in found.notes[-1]
        september = ReportRequest(Period.month(2026, 9, "Europe/Dublin"))
        assert not any("frozen" in note for note in (await desk.report(september, "sam")).notes)

    async def test_the_report_of_a_client_is_taken_out_of_the_frozen_month(
        self, desk, store, stored_lives, clock
    ) -> None:
        kestrel = replace(OCTOBER, scope=Scope({"client": ("kestrel",)}), ledgers=True)
        live = await desk.report(kestrel, "sam")
        whole = await desk.freeze(OCTOBER, "marta")
        one = next(o for o in stored_lives(300) if o.ticket.display_id == live.promises[0].number)
        late = one.ticket.response_due + timedelta(days=20)
        await store.tickets.save(
            [replace(one.ticket, responded_at=late, resolved_at=late)], {one.ticket.id}
        )
        clock.advance(days=40)
        part = await desk.report(kestrel, "sam")
        assert (part.promises, part.groups, part.breaches) == (
            live.promises, live.groups, live.breaches,
        )  # fmt: skip
        assert (part.attribution, part.held, part.exclusions, part.calendars) == (
            live.attribution, live.held, live.exclusions, live.calendars,
        )  # fmt: skip
        assert part.frozen == whole.frozen
        assert "Taken out of the frozen report of all tickets" in part.notes[-1]
        assert one.ticket.display_id in {change.number for change in part.changes}
        frozen = await desk.freeze(kestrel, "marta")
        assert frozen.promises == live.promises
        assert frozen.frozen != whole.frozen

    async def test_a_month_that_is_not_over_cannot_be_frozen(self, desk) -> None:
        with pytest.raises(
            UserError, match="November 2026 is not over before 2026-12-01 00:00 UTC"
        ):
            await desk.freeze(ReportRequest(Period.month(2026, 11, "UTC")), "marta")

    async def test_a_month_that_is_half_known_cannot_be_frozen(self, desk, store) -> None:
        await store.meta.set("history read to", "2026-10-20T14:00:00+00:00")
        with pytest.raises(UserError, match="was read up to 2026-10-20 14:00 UTC, so some of it"):
            await desk.freeze(OCTOBER, "marta")
        assert await desk.frozen() == []
        await store.meta.set("history read to", "2026-11-01T00:00:00+00:00")
        assert (await desk.freeze(OCTOBER, "marta")).frozen

    @pytest.mark.parametrize("name", LISTS)
    async def test_what_rests_on_a_list_that_was_not_read_cannot_be_frozen(
        self, desk, store, clock, name
    ) -> None:
        await read(store, clock, failed=[name])
        with pytest.raises(SLAConsoleError, match=f"{name} could not be read .SuperOps refused it"):
            await desk.freeze(OCTOBER, "marta")
        assert await desk.frozen() == []
        await read(store, clock, name)
        assert (await desk.freeze(OCTOBER, "marta")).frozen

    async def test_nor_what_was_never_read(self, desk, store) -> None:
        await store.meta.set("what was read", "[]")
        with pytest.raises(SLAConsoleError, match="sites were never read"):
            await desk.freeze(OCTOBER, "marta")

    async def test_one_that_was_exchanged_with_its_hashes_is_refused(self, desk, store) -> None:
        report = await desk.freeze(OCTOBER, "marta")
        row = await store._database.row("SELECT name, figures FROM frozen_report")
        better = zlib.decompress(row[1]).replace(b'"missed"', b'"met"')
        digest = hashlib.sha256(better).hexdigest()
        async with store._database.transaction() as transaction:
            await transaction.run("DROP TRIGGER frozen_report_refuses_change", {})
            await transaction.run(
                "UPDATE frozen_report SET figures = :figures, figures_hash = :digest",
                {"figures": zlib.compress(better), "digest": digest},
            )
        assert digest != report.frozen.figures
        with pytest.raises(SLAConsoleError, match="not those that were written down"):
            await desk.report(OCTOBER, "sam")


class TestBadInput:
    async def test_a_period_of_the_future(self, desk) -> None:
        with pytest.raises(UserError, match="January 2027 has not begun"):
            await desk.report(ReportRequest(Period.month(2027, 1, "UTC")), "sam")

    async def test_a_period_without_tickets_says_when_there_were_some(self, desk) -> None:
        with pytest.raises(
            UserError, match="May 2026: no promise was due in it; known are"
        ) as found:
            await desk.report(ReportRequest(Period.month(2026, 5, "UTC")), "sam")
        assert "between 2026-09-01 and" in str(found.value)

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            (
                "client",
                "Kestral",
                "--client: no ticket has the client 'Kestral'; did you mean Kestrel?",
            ),
            ("group", "Netwrok", "did you mean Network?"),
            ("group", "xyz", "there are such as Network, Service Desk"),
            (
                "policy",
                "Gold",
                "--policy-name: no ticket has the policy 'Gold'; there are such as none",
            ),
        ],
    )
    async def test_an_unknown_name_is_told_with_the_nearest(self, desk, name, value, said) -> None:
        request = replace(OCTOBER, scope=Scope({name: (value,)}))
        with pytest.raises(UserError) as found:
            await desk.report(request, "sam")
        assert said in str(found.value)

    async def test_a_known_client_without_tickets_has_nothing_to_report(self, desk) -> None:
        request = replace(OCTOBER, scope=Scope({"client": ("silent ltd",)}))
        with pytest.raises(UserError, match="no promise was due in it"):
            await desk.report(request, "sam")
