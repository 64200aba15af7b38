"""Reports that send themselves: a real engine over a real store on disk; only time is played."""

import asyncio
import json
import logging
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sla_console.alerting.dispatcher import Dispatcher
from sla_console.alerting.room import AlertingRoom, AlertingSettings
from sla_console.alerting.wording import Composer
from sla_console.domain.alerts.alert import AlertEvent, DeliveryState, Limits, SendResult
from sla_console.domain.errors import StoreFull, SuperOpsError, Unreachable
from sla_console.domain.figures.report_schedule import Every, ReportSchedule
from sla_console.domain.people.people import Client
from sla_console.domain.tickets.ticket import StatusPhases, Ticket
from sla_console.monitoring.data_access import SLADataAccess
from sla_console.monitoring.engine import SLAMonitoringEngine
from sla_console.monitoring.engine_settings import EngineSettings
from sla_console.monitoring.evaluator import Evaluator
from sla_console.service.report_files import ReportFiles, slugs_of
from sla_console.service.report_sender import ReportSender
from sla_console.service.report_service import ReportRules
from sla_console.service.sla_service import SLAService
from sla_console.store.key import load_or_create_key
from sla_console.store.store import Store

ACME = ReportSchedule(
    "Acme, monthly", Every.MONTH, channels=("mail",), form="json", clients=("Acme Ltd",)
)
WEEKLY = ReportSchedule("Weekly", Every.WEEK, channels=("mail",), form="json")
DUE = datetime(2026, 11, 1, 7, 0, tzinfo=UTC)


class Desk:
    """A SuperOps in which nothing is open; it can be silent."""

    per_minute = 60

    def __init__(self) -> None:
        self.silent = False

    @property
    def budget(self) -> "Desk":
        return self

    def left(self) -> int:
        return self.per_minute

    async def sla_names(self):
        return []

    async def changed_ticket_pages(self, since):
        for page in ():
            yield page

    def clock_offset(self):
        return None

    def clock_heard(self):
        return None

    def limited_until(self) -> None:
        return None

    async def open_ticket_pages(self, closed) -> AsyncIterator[list[Ticket]]:
        if self.silent:
            raise Unreachable("nobody answers")
        for page in ():
            yield page

    async def tickets_by_id(self, ids) -> list[Ticket]:
        return []

    async def technicians(self, odd=None) -> list:
        if self.silent:
            raise Unreachable("nobody answers")
        return []

    async def clients(self, odd=None) -> list[Client]:
        return [Client("7", "Acme Ltd"), Client("8", "Harbour Dental")]

    sites = technicians


class Mail:
    """A channel that remembers what it was given, and the bytes that came with it."""

    limits = Limits()
    pace_seconds = 0.0
    takes_files = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.seen: list = []
        self.files: list[bytes] = []

    def send(self, message) -> SendResult:
        self.seen.append(message)
        if message.attachment:
            self.files.append(Path(message.attachment).read_bytes())
        return SendResult(True)


@dataclass
class Console:
    """One console that monitors."""

    engine: SLAMonitoringEngine
    service: SLAService
    store: Store
    sender: ReportSender
    dispatcher: Dispatcher
    mails: dict[str, Mail]
    folder: Path

    @property
    def mail(self) -> Mail:
        return self.mails["mail"]

    async def look(self) -> int:
        """Hear SuperOps, then let the sender do what it does every few seconds."""
        self.engine.sync.ask_now()
        await self.engine.sync.step()
        with suppress(SuperOpsError):
            await self.engine.history.read()
        return await self.sender.step()

    async def send(self) -> None:
        for name in self.mails:
            await self.dispatcher.flush(name)

    def fault(self) -> str | None:
        found = [part for part in self.engine.supervisor.health() if part.name == "reports"]
        return found[0].last_error

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir()) if self.folder.exists() else []


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def begin(tmp_path: Path, clock, desk):
    """Start a console on the same store, as often as wanted; each takes the lead."""
    clock.set(DUE - timedelta(days=3))
    async with AsyncExitStack() as stack:
        leaders: list[Console] = []

        async def start(*schedules: ReportSchedule, channels=("mail",), lead=True) -> Console:
            for before in leaders:
                await before.engine.leadership.release()
            key = load_or_create_key(tmp_path / "key", keyring_entry=None)
            store = await Store.open(tmp_path / "data" / "sla.db", key)
            stack.push_async_callback(store.close)
            evaluator = Evaluator(StatusPhases.of(("On Hold",), ("Closed",)))
            mails = {name: Mail(name) for name in channels}
            alerting = AlertingRoom(
                store, mails, clock, Composer(), AlertingSettings(tuple(channels))
            )
            engine = SLAMonitoringEngine(
                SLADataAccess(desk, store, evaluator, clock),
                alerting,
                evaluator,
                clock,
                EngineSettings(closed=("Closed",)),
            )
            service = SLAService(engine, clock, report_rules=ReportRules(zone="UTC"))
            folder = tmp_path / "data" / "reports"
            sender = ReportSender(engine, service.reports, clock, schedules, folder)
            sender.join()
            console = Console(engine, service, store, sender, alerting.dispatcher, mails, folder)
            if lead:
                assert await engine.leadership.claim()
                leaders.append(console)
                await sender.step()  # what it does as soon as it leads
            return console

        yield start


def ticket(number: int, due: datetime, *, late: bool = False, client: str = "Acme Ltd") -> Ticket:
    done = due + timedelta(hours=1 if late else -1)
    return Ticket(
        f"id{number}",
        f"T-{number}",
        "Printer down",
        status="Closed",
        priority="High",
        client=client,
        requester=f"Somebody {number}",
        created_at=due - timedelta(hours=4),
        updated_at=done,
        resolution_due=due,
        resolved_at=done,
        responded_at=done,
    )


async def remember(console: Console, *tickets: Ticket) -> None:
    await console.store.tickets.save(tickets, {one.id for one in tickets})


async def october(console: Console) -> None:
    """Ten resolutions due in October for Acme, two of them late, one for another client."""
    day = datetime(2026, 10, 5, 12, tzinfo=UTC)
    mine = [ticket(n, day + timedelta(days=n), late=n < 2) for n in range(10)]
    await remember(console, *mine, ticket(90, day, late=True, client="Harbour Dental"))


class TestSending:
    async def test_it_is_sent_when_it_falls_due_and_not_before(self, begin, clock) -> None:
        console = await begin(ACME)
        await october(console)
        clock.set(DUE - timedelta(seconds=1))
        # October's has its month to wait for; September's was due four weeks ago.
        assert await console.look() == 0
        clock.set(DUE)
        assert await console.look() == 1
        await console.send()
        (sent,) = console.mail.seen
        assert sent.title == "SLA report October 2026: Acme Ltd"
        assert (sent.event, sent.ticket_id) == (AlertEvent.REPORT, None)
        assert sent.key == "report:Acme, monthly:2026-10:mail"

    async def test_its_file_is_the_report_whole_and_for_the_owner_alone(self, begin, clock) -> None:
        console = await begin(ACME)
        await october(console)
        clock.set(DUE)
        await console.look()
        await console.send()
        assert console.files() == ["sla-report-acme-monthly-2026-10.json"]
        path = console.folder / console.files()[0]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(console.folder.stat().st_mode) == 0o700
        assert console.mail.files == [path.read_bytes()]
        report = json.loads(path.read_bytes())
        assert report["scope"] == {"client": ["Acme Ltd"]}
        tally = report["resolution"]["tally"]
        assert (tally["met"], tally["missed"], tally["compliance"]) == (8, 2, 80)

    async def test_its_words_are_the_handful_of_figures(self, begin, clock) -> None:
        console = await begin(ACME)
        await october(console)
        september = datetime(2026, 9, 10, 12, tzinfo=UTC)
        await remember(console, ticket(70, september), ticket(71, september, late=True))
        clock.set(DUE)
        await console.look()
        await console.send()
        body = console.mail.seen[0].body.splitlines()
        assert (
            "Resolution: 80.0 % met (8 of 10), 2 missed; September 2026: 50.0 % met (1 of 2)"
            in body
        )
        assert (
            "First response: no promise has been judged yet; September 2026: nothing to compare "
            "with" in body
        )
        assert "Tickets: 10; promises still open: 0; in doubt: 0; tickets excluded: 0" in body
        assert "The whole report: sla-report-acme-monthly-2026-10.json" in body
        assert "Printer" not in console.mail.seen[0].body

    async def test_it_goes_to_each_of_its_channels_once(self, begin, clock) -> None:
        both = ReportSchedule("Both", channels=("mail", "archive"), form="json")
        console = await begin(both, channels=("mail", "archive"))
        await october(console)
        clock.set(DUE)
        assert await console.look() == 2
        for _ in range(3):
            clock.advance(minutes=5)
            assert await console.look() == 0
            await console.send()
        assert {name: len(mail.seen) for name, mail in console.mails.items()} == {
            "mail": 1,
            "archive": 1,
        }
        assert console.mail.seen[0].title == "SLA report October 2026: all tickets"

    async def test_a_restart_and_another_console_send_nothing_again(self, begin, clock) -> None:
        first = await begin(ACME)
        await october(first)
        clock.set(DUE)
        assert await first.look() == 1
        second = await begin(ACME)
        assert await second.look() == 0
        assert await first.look() == 0, "it does not lead any more"
        clock.set(datetime(2026, 12, 1, 7, tzinfo=UTC))
        assert await second.look() == 1, "November is another report"

    async def test_one_that_follows_sends_nothing(self, begin, clock) -> None:
        console = await begin(ACME, lead=False)
        await october(console)
        clock.set(DUE)
        assert await console.look() == 0

    async def test_what_a_crash_left_between_outbox_and_memory_is_not_told_twice(
        self, begin, clock
    ) -> None:
        console = await begin(ACME)
        await october(console)
        clock.set(DUE)
        await console.look()
        await console.store.meta.set("report sent Acme, monthly", "2026-09")
        again = await begin(ACME)
        assert await again.look() == 0
        await again.send()
        assert len(again.mail.seen) == 1

    async def test_a_schedule_that_becomes_quarterly_sends_the_quarter_as_well(
        self, begin, clock
    ) -> None:
        """October and the fourth quarter begin on the same day."""
        monthly = ReportSchedule("All", Every.MONTH, channels=("mail",), form="json")
        console = await begin(monthly)
        await october(console)
        clock.set(DUE)
        assert await console.look() == 1
        quarterly = ReportSchedule("All", Every.QUARTER, channels=("mail",), form="json")
        later = await begin(quarterly)
        clock.set(datetime(2027, 1, 1, 7, tzinfo=UTC))
        assert await later.look() == 1
        await later.send()
        assert later.mail.seen[-1].title == "SLA report 2026 Q4: all tickets"

    async def test_it_waits_until_superops_has_been_heard_since_it_fell_due(
        self, begin, clock, desk
    ) -> None:
        console = await begin(ACME)
        await october(console)
        await console.look()
        desk.silent = True
        clock.set(DUE + timedelta(hours=1))
        assert await console.look() == 0
        desk.silent = False
        clock.advance(minutes=2)
        assert await console.look() == 1

    async def test_it_waits_until_what_was_closed_unseen_is_known_too(self, begin, clock) -> None:
        console = await begin(ACME)
        await october(console)
        clock.set(DUE + timedelta(hours=1))
        console.engine.sync.ask_now()
        await console.engine.sync.step()
        assert await console.sender.step() == 0, "nothing closed has been read since"
        assert await console.look() == 1

    async def test_one_that_is_frozen_is_frozen_in_the_name_of_its_schedule(
        self, begin, clock
    ) -> None:
        frozen = ReportSchedule("Acme", channels=("mail",), clients=("Acme Ltd",), freeze=True,
                                form="json")  # fmt: skip
        console = await begin(frozen)
        await october(console)
        clock.set(DUE)
        await console.look()
        await console.send()
        assert len(await console.store.reports.names()) == 1
        (entry,) = await console.store.audit.recent(5)
        assert (entry.actor, entry.action) == ("schedule Acme", "freeze report")
        assert "Frozen 2026-11-01 07:00 UTC by schedule Acme" in console.mail.seen[0].body

    async def test_a_period_with_nothing_in_it_is_told_without_a_file(self, begin, clock) -> None:
        console = await begin(ACME)
        await remember(console, ticket(1, datetime(2026, 6, 1, tzinfo=UTC)))
        clock.set(DUE)
        assert await console.look() == 1
        await console.send()
        (sent,) = console.mail.seen
        assert sent.attachment is None
        assert "No promise was due in October 2026" in sent.body
        assert (console.files(), console.fault()) == ([], None)

    async def test_it_is_a_part_of_the_engine_and_needs_nobody_to_look(self, begin, clock) -> None:
        await october(await begin(ACME))
        console = await begin(ACME, lead=False)
        clock.set(DUE)
        await console.engine.start_monitoring()
        try:
            async with asyncio.timeout(20):
                while not console.mail.seen:
                    await asyncio.sleep(0.01)
        finally:
            await console.engine.stop_monitoring()
        assert console.mail.seen[0].title == "SLA report October 2026: Acme Ltd"


class TestNewSchedule:
    async def test_what_was_due_before_it_was_first_seen_is_not_sent(
        self, begin, clock, caplog
    ) -> None:
        caplog.set_level("INFO")
        await october(await begin())
        clock.set(DUE + timedelta(days=2))
        console = await begin(ACME)
        assert await console.look() == 0
        assert "is new; it is sent from 2026-12-01 07:00 UTC on" in caplog.text

    async def test_the_next_one_is(self, begin, clock) -> None:
        console = await begin(ACME)
        await october(console)
        clock.set(DUE)
        assert await console.look() == 1


class TestLateness:
    async def test_one_missed_by_less_than_a_week_is_sent_at_the_next_start(
        self, begin, clock
    ) -> None:
        await october(await begin(ACME))
        clock.set(DUE + timedelta(days=6, hours=23))
        assert await (await begin(ACME)).look() == 1

    async def test_one_missed_by_more_is_left_out_and_logged_once(
        self, begin, clock, caplog
    ) -> None:
        await october(await begin(ACME))
        clock.set(DUE + timedelta(days=7, seconds=1))
        for _ in range(2):
            assert await (await begin(ACME)).look() == 0
        told = [one.getMessage() for one in caplog.records if "not sent" in one.getMessage()]
        (only,) = told
        assert only == (
            "the report 'Acme, monthly' about October 2026 was due 2026-11-01 07:00 UTC, longer "
            "than 7 days ago, so it is not sent; make it by hand"
        )

    async def test_only_the_newest_of_several_missed_is_sent(self, begin, clock) -> None:
        await october(await begin(WEEKLY))
        clock.set(datetime(2026, 10, 20, 9, tzinfo=UTC))
        console = await begin(WEEKLY)
        assert await console.look() == 1
        await console.send()
        assert console.mail.seen[0].title == "SLA report 2026-10-12 to 2026-10-18: all tickets"


class TestFailure:
    async def test_it_is_one_sentence_shown_tried_again_hourly_and_keeps_back_no_other(
        self, begin, clock, caplog
    ) -> None:
        wrong = ReportSchedule("Wrong", channels=("mail",), clients=("Acne Ltd",), form="json")
        console = await begin(wrong, ACME)
        await october(console)
        clock.set(DUE)
        caplog.set_level(logging.ERROR)
        assert await console.look() == 1, "the other one"
        said = (
            "the report 'Wrong' about October 2026 was not sent and is tried again in an hour: "
            "--client: no ticket has the client 'Acne Ltd'; did you mean Acme Ltd?"
        )

        def errors() -> list[logging.LogRecord]:
            # Garbage of an earlier test may log something of its own at any moment.
            return [one for one in caplog.records if one.name.startswith("sla_console.service")]

        assert [one.getMessage() for one in errors()] == [said]
        assert errors()[0].exc_info is None
        assert console.fault() == said
        (part,) = [one for one in console.engine.supervisor.health() if one.name == "reports"]
        assert part.restarts == 0
        clock.advance(minutes=59)
        await console.look()
        assert len(errors()) == 1
        clock.advance(minutes=1)
        await console.look()
        assert len(errors()) == 2

    async def test_a_full_disk_keeps_nothing_half_and_is_over_when_there_is_room(
        self, begin, clock, monkeypatch
    ) -> None:
        console = await begin(ACME)
        await october(console)
        clock.set(DUE)
        with monkeypatch.context() as full:
            full.setattr("os.fsync", no_space)
            assert await console.look() == 0
        assert console.files() == []
        assert "sla-report-acme-monthly-2026-10.json: the report cannot be written (No space" in (
            console.fault()
        )
        assert await console.look() == 0, "not before an hour"
        clock.advance(hours=1)
        assert await console.look() == 1

    async def test_a_clock_that_is_put_back_makes_nobody_wait_longer(
        self, begin, clock, monkeypatch
    ) -> None:
        console = await begin(WEEKLY)
        await october(console)
        clock.set(datetime(2026, 10, 20, 9, tzinfo=UTC))
        with monkeypatch.context() as full:
            full.setattr("os.fsync", no_space)
            await console.look()
        clock.advance(days=-1)
        assert await console.look() == 1


def no_space(_: int) -> None:
    raise OSError(28, "No space left on device")


class TestOldFiles:
    async def test_they_go_after_ninety_days(self, begin, clock) -> None:
        console = await begin(ACME)
        await october(console)
        clock.set(DUE)
        await console.look()
        await console.send()
        sent = await console.store.outbox.get("report:Acme, monthly:2026-10:mail")
        assert sent.state is DeliveryState.ACCEPTED
        (file,) = console.files()
        clock.set(DUE + timedelta(days=89))
        await console.look()
        assert file in console.files()
        clock.set(DUE + timedelta(days=91))
        await console.look()
        assert file not in console.files()

    async def test_one_whose_message_waits_stays(self, begin, clock) -> None:
        console = await begin(ACME)
        await october(console)
        clock.set(DUE)
        await console.look()
        before = console.files()
        clock.advance(days=91)
        await console.look()
        assert set(before) <= set(console.files())
        await console.send()
        clock.advance(days=1)
        await console.look()
        assert not set(before) & set(console.files())

    def test_what_is_no_file_of_its_own_is_left_alone(self, tmp_path) -> None:
        files = ReportFiles(tmp_path / "reports")
        old = datetime(2026, 1, 1, tzinfo=UTC)
        path = files.write("a.csv", b"x", old)
        (files.folder / "folder").mkdir()
        (files.folder / "link").symlink_to(path)
        assert files.sweep(datetime(2030, 1, 1, tzinfo=UTC), ()) == ["a.csv"]
        assert sorted(each.name for each in files.folder.iterdir()) == ["folder", "link"]

    def test_a_folder_that_is_not_there_holds_nothing_old(self, tmp_path) -> None:
        assert ReportFiles(tmp_path / "none").sweep(datetime(2030, 1, 1, tzinfo=UTC), ()) == []


class TestFiles:
    def test_one_that_cannot_be_replaced_stays_as_it_was(self, tmp_path, monkeypatch) -> None:
        files, at = ReportFiles(tmp_path), datetime(2026, 1, 1, tzinfo=UTC)
        path = files.write("a.csv", b"first", at)
        monkeypatch.setattr("os.fsync", no_space)
        with pytest.raises(StoreFull, match=r"a\.csv: the report cannot be written \(No space"):
            files.write("a.csv", b"second", at)
        assert path.read_bytes() == b"first"
        assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]

    def test_no_two_schedules_share_a_name(self) -> None:
        names = (
            "Acme, monthly",
            "acme monthly",
            "Ödland",
            "日本",
            "../../etc/passwd",
            "",
            "x" * 200,
        )
        slugs = slugs_of(names)
        assert len(set(slugs.values())) == len(names)
        assert slugs["Ödland"] == "odland"
        assert slugs["../../etc/passwd"] == "etc-passwd"
        assert all(slug.replace("-", "").isalnum() for slug in slugs.values())
        assert max(map(len, slugs.values())) <= 69


async def test_a_title_names_three_clients_and_groups_at_most(begin, clock) -> None:
    names = ("Acme Ltd", "Harbour Dental")
    some = ReportSchedule("Some", channels=("mail",), form="md", clients=names)
    more = ReportSchedule("More", channels=("mail",), form="md", clients=names * 2)
    console = await begin(some, more)
    await october(console)
    clock.set(DUE)
    await console.look()
    await console.send()
    assert [one.title.partition(": ")[2] for one in console.mail.seen] == [
        "Acme Ltd, Harbour Dental",
        "Acme Ltd, Harbour Dental and 2 more",
    ]
