"""Acting from the message: looking does nothing, one POST does the deed, once, as the addressee."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

from sla_console.alerting.grouping import Grouping
from sla_console.domain.alerts.action_link import LinkAction
from sla_console.domain.alerts.alert import AlertEvent
from sla_console.domain.alerts.escalation import EscalationPlan, Escalations
from sla_console.domain.people.directory import Directory
from sla_console.domain.sla.breach import BreachState
from sla_console.service.writing import REFUSED

TAKE, PUT_OFF = LinkAction.ACKNOWLEDGE, LinkAction.SNOOZE


class TestLooking:
    async def test_the_page_names_the_ticket_and_has_two_buttons(self, hooked) -> None:
        answer = await hooked.client.get(await hooked.path())
        assert answer.status_code == 200
        assert "<h1>Ticket T1</h1>" in answer.text
        assert "Printer on fire" in answer.text
        assert "Its first response was due 2026-10-12 10:00 UTC." in answer.text
        assert answer.text.count("<button>") == 2
        assert "<button>Snooze 1 h</button>" in answer.text

    async def test_nothing_but_a_post_does_anything(self, hooked) -> None:
        paths = [await hooked.path(action) for action in LinkAction]
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
            for path in paths:
                await hooked.client.request(method, path)
        assert hooked.breach.state is BreachState.OPEN

    async def test_a_post_to_the_page_itself_only_shows_the_page(self, hooked) -> None:
        answer = await hooked.client.post(await hooked.path())
        assert "<button>" in answer.text
        assert hooked.breach.state is BreachState.OPEN

    async def test_the_link_of_one_deed_offers_that_alone(self, hooked) -> None:
        answer = await hooked.client.get(await hooked.path(TAKE))
        assert answer.text.count("<button>") == 1
        assert "<button>Acknowledge</button>" in answer.text

    async def test_a_hostile_subject_stays_text(self, hook, clock, desk) -> None:
        hooked = await hook()
        desk.open("T1", clock.now(), subject='"><script>alert(1)</script>')
        await hooked.console.sync()
        await hooked.console.pass_time(clock, hours=1, minutes=12)
        answer = await hooked.client.get(await hooked.path())
        assert "<script" not in answer.text
        assert "&lt;script&gt;" in answer.text

    async def test_the_answer_is_kept_nowhere_and_leads_nowhere(self, hooked) -> None:
        headers = (await hooked.client.get("/a/nothing")).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "form-action 'self'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


class TestTheDeed:
    async def test_the_addressee_has_it_then(self, hooked) -> None:
        answer = await hooked.client.post(await hooked.path(TAKE))
        assert answer.status_code == 200
        assert "Done: acknowledged by Ada Berg." in answer.text
        assert hooked.breach.state is BreachState.ACKNOWLEDGED
        assert hooked.breach.acknowledged_by == "Ada Berg"
        stored = await hooked.console.store.breaches.get(hooked.breach.id)
        assert stored == hooked.breach

    async def test_the_buttons_of_the_page_do_it(self, hooked) -> None:
        page = (await hooked.client.get(await hooked.path())).text
        token = page.partition('action="')[2].partition('"')[0]
        await hooked.client.post(f"/a/{token}")
        assert hooked.breach.acknowledged_by == "Ada Berg"

    async def test_a_snooze_lasts_an_hour(self, hooked, clock) -> None:
        answer = await hooked.client.post(await hooked.path(PUT_OFF))
        assert "Done: snoozed by Ada Berg until 2026-10-12 11:12 UTC." in answer.text
        assert hooked.breach.state is BreachState.SNOOZED
        assert hooked.breach.snoozed_until == clock.now() + timedelta(hours=1)

    async def test_the_history_and_the_note_say_where_it_came_from(self, hooked) -> None:
        await hooked.client.post(await hooked.path(TAKE))
        detail = await hooked.console.service.ticket_detail(hooked.breach.ticket_id)
        entry = detail.history[0]
        assert (entry.actor, entry.action) == ("Ada Berg", "acknowledge")
        assert entry.detail == "first response: from the message through ada"
        assert detail.operations[0].value.endswith("from the message through ada")

    async def test_a_channel_of_several_is_named_in_place_of_a_person(self, hooked) -> None:
        answer = await hooked.client.post(await hooked.path(TAKE, "ops"))
        assert "by somebody through the channel ops." in answer.text
        assert hooked.breach.acknowledged_by == "channel ops"

    async def test_two_at_once_are_one_deed(self, hooked) -> None:
        one, other = await hooked.path(TAKE), await hooked.path(PUT_OFF)
        answers = await asyncio.gather(*(hooked.client.post(each) for each in (one, other, one)))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        detail = await hooked.console.service.ticket_detail(hooked.breach.ticket_id)
        assert len(detail.operations) == 1

    async def test_a_console_that_may_change_nothing_refuses(self, hooked) -> None:
        await hooked.console.service.look_only(True)
        answer = await hooked.client.post(await hooked.path(TAKE))
        assert answer.status_code == 409
        assert REFUSED[:30] in answer.text
        assert hooked.breach.state is BreachState.OPEN


class TestOnlyOnce:
    async def test_a_replay_says_who_used_it_when(self, hooked, clock) -> None:
        path = await hooked.path(TAKE)
        await hooked.client.post(path)
        clock.advance(minutes=5)
        answer = await hooked.client.post(path)
        assert answer.status_code == 409
        said = "This was used already: Ada Berg acknowledged it at 2026-10-12 10:12 UTC."
        assert said in answer.text

    async def test_a_breach_that_was_given_back_is_not_taken_by_a_replay(self, hooked) -> None:
        path = await hooked.path(TAKE)
        await hooked.client.post(path)
        await hooked.console.service.unacknowledge([hooked.breach.id], None, "marta")
        assert (await hooked.client.post(path)).status_code == 409
        assert hooked.breach.state is BreachState.OPEN

    async def test_all_links_of_a_message_are_used_up_together(self, hooked) -> None:
        paths = [await hooked.path(action) for action in LinkAction]
        await hooked.client.post(paths[1])
        pages = [await hooked.client.get(path) for path in paths]
        assert all("used already" in page.text for page in pages)
        assert not any("<button>" in page.text for page in pages)

    async def test_a_link_works_after_a_restart_and_its_use_is_remembered(
        self, hooked, hook
    ) -> None:
        take, put_off = await hooked.path(TAKE), await hooked.path(PUT_OFF)
        await hooked.end()
        again = await hook()
        assert (await again.client.post(take)).status_code == 200
        assert again.breach.acknowledged_by == "Ada Berg"
        await again.end()
        third = await hook()
        assert (await third.client.post(put_off)).status_code == 409

    async def test_what_could_not_be_stored_uses_nothing_up(self, hooked) -> None:
        """A trigger that fails the last write of the step stands for a full disk."""
        path = await hooked.path(TAKE)
        database = hooked.console.store._database
        async with database.transaction() as transaction:
            await transaction.run(
                "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        assert (await hooked.client.post(path)).status_code == 503
        assert await hooked.console.store.links.used("", "") is None
        async with database.transaction() as transaction:
            await transaction.run("DROP TRIGGER full")
        assert (await hooked.client.post(path)).status_code == 200


class TestNoLongerGood:
    async def test_after_the_end_of_the_breach_it_says_so(self, hooked, desk, clock) -> None:
        path = await hooked.path(TAKE)
        ticket = next(iter(desk.tickets.values()))
        desk.set_status(ticket, "Resolved", clock.now())
        ticket.responded = clock.now()
        await hooked.console.sync()
        answer = await hooked.client.post(path)
        assert answer.status_code == 410
        assert "the breach has been over since 2026-10-12 10:12 UTC" in answer.text

    async def test_four_hours_later_it_has_expired(self, hooked, clock) -> None:
        path = await hooked.path(TAKE)
        clock.advance(hours=4)
        answer = await hooked.client.post(path)
        assert answer.status_code == 410
        assert "This link has expired." in answer.text
        assert hooked.breach.state is BreachState.OPEN

    async def test_what_a_colleague_has_is_not_taken_away(self, hooked) -> None:
        paths = [await hooked.path(TAKE), await hooked.path(PUT_OFF)]
        await hooked.console.service.acknowledge([hooked.breach.id], None, "Marta")
        for path in paths:
            answer = await hooked.client.post(path)
            assert answer.status_code == 409
            assert "Marta has had it since 2026-10-12 10:12 UTC" in answer.text
        assert hooked.breach.acknowledged_by == "Marta"

    async def test_a_reminder_is_answered_by_acknowledging_again(self, hook, clock, desk) -> None:
        """Four hours run out 14:12; Ada is reminded at four fifths, 13:24, and keeps it to 17:24."""
        plan = EscalationPlan("standard", (), timedelta(hours=4))
        hooked = await hook(escalations=Escalations({"standard": plan}, "standard"))
        desk.open("T1", clock.now())
        await hooked.console.sync()
        await hooked.console.pass_time(clock, hours=1, minutes=12)
        await hooked.client.post(await hooked.path(TAKE))
        response = hooked.breach.id
        await hooked.console.live(192, step=480)
        seen = hooked.console.phones["ada"].seen
        (reminder,) = [one for one in seen if one.event is AlertEvent.REMINDER]
        take = next(one.url for one in reminder.links if one.action is TAKE)
        answer = await hooked.client.post(take.removeprefix("https://sla.example"))
        assert answer.status_code == 200
        kept = hooked.console.engine.alerting.incidents.get(response)
        assert f"{kept.escalation_state.acknowledged_until:%H:%M}" == "17:24"

    async def test_what_one_has_oneself_can_still_be_put_off(self, hooked) -> None:
        path = await hooked.path(PUT_OFF)
        await hooked.console.service.acknowledge([hooked.breach.id], None, "Ada Berg")
        assert (await hooked.client.post(path)).status_code == 200
        assert hooked.breach.state is BreachState.SNOOZED

    async def test_a_channel_that_went_to_somebody_else_takes_its_links_along(self, hooked) -> None:
        path = await hooked.path(TAKE)
        hooked.links.directory = Directory({}, {})
        assert (await hooked.client.post(path)).status_code == 404

    async def test_a_letter_that_is_changed_makes_it_worthless(self, hooked) -> None:
        path = await hooked.path(TAKE)
        token = path.removeprefix("/a/")
        for place in range(0, 36, 5):
            other = "A" if token[place] != "A" else "B"
            altered = f"{token[:place]}{other}{token[place + 1 :]}"
            answer = await hooked.client.post(f"/a/{altered}")
            assert answer.status_code == 404, place
        for odd in ("", "x", token + "A", "é" * 36, "A" * 36, "../" * 12, "%00" * 12):
            assert (await hooked.client.post(f"/a/{odd}")).status_code == 404, odd
        assert hooked.breach.state is BreachState.OPEN

    async def test_whoever_has_another_key_makes_nothing_that_counts(self, hooked) -> None:
        message = await hooked.sent()
        claimed = (await hooked.console.store.deliveries.recent(10))[0]
        hooked.links._key = bytes(32)
        forged = hooked.links.of(replace(claimed, number=1), hooked.console.clock.now())
        hooked.links._key = hooked.console.store.derived_key("action links")
        assert forged
        assert message.links
        for one in forged:
            path = one.url.removeprefix("https://sla.example")
            assert (await hooked.client.post(path)).status_code == 404


class TestWhereTheyAre:
    async def test_the_words_hold_the_page_and_the_outbox_holds_nothing(self, hooked) -> None:
        message = await hooked.sent()
        page = next(one.url for one in message.links if one.action is LinkAction.CHOOSE)
        assert f"Acknowledge or snooze it here: {page}" in message.body
        rows = await hooked.console.store._database.rows("SELECT * FROM outbox")
        assert page not in repr(rows)
        assert "/a/" not in repr(rows)

    async def test_where_nobody_listens_messages_carry_none(self, hooked) -> None:
        hooked.links.heard = False
        message = await hooked.sent()
        assert not message.links
        assert "sla.example" not in message.body

    async def test_no_log_has_one(self, hooked, caplog) -> None:
        caplog.set_level(logging.DEBUG)
        path = await hooked.path(TAKE)
        await hooked.client.post(path)
        await hooked.client.post(path)
        ours = [r.getMessage() for r in caplog.records if not r.name.startswith("http")]
        assert any("acknowledge by a link" in each for each in ours)
        assert not any(path.removeprefix("/a/") in each for each in ours)

    async def test_a_digest_has_one_for_its_three_most_pressing(self, hook, clock, desk) -> None:
        """Five of low priority wait 20 s for each other, so they are told as one."""
        hooked = await hook(grouping=Grouping(wait=timedelta(seconds=20)))
        for number in range(5):
            desk.open(f"T{number}", clock.now(), priority="Low")
        await hooked.console.sync()
        await hooked.console.pass_time(clock, hours=1, minutes=12)
        await hooked.console.live(1)
        (message,) = hooked.console.phones["ada"].seen
        pages = [one.url for one in message.links if one.action is LinkAction.CHOOSE]
        assert message.event is AlertEvent.DIGEST
        assert len(pages) == 3
        assert message.body.count("Acknowledge or snooze it here: ") == 3
        assert all(page in message.body for page in pages)
        answer = await hooked.client.get(pages[2].removeprefix("https://sla.example"))
        assert answer.text.count("<button>") == 2

    async def test_nothing_that_cannot_be_taken_has_one(self, hook, clock, desk) -> None:
        """A warning comes before any breach, a recovery after it."""
        hooked = await hook(warn=(75,))
        desk.open("T1", clock.now())
        await hooked.console.sync()
        await hooked.console.pass_time(clock, minutes=50)
        assert (await hooked.sent()).links == ()
        await hooked.console.pass_time(clock, minutes=22)
        assert len((await hooked.sent()).links) == 3
        ticket = next(iter(desk.tickets.values()))
        desk.set_status(ticket, "Resolved", clock.now())
        ticket.responded = clock.now()
        await hooked.console.sync()
        message = await hooked.sent()
        assert message.event is AlertEvent.RECOVERY
        assert message.links == ()
