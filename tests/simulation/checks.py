"""What must hold at every step, looked up in the store by a connection of its own."""

from datetime import datetime, timedelta

import sqlcipher3

from sla_console.store.key import load_or_create_key

OWED = "('gathering', 'pending', 'sending', 'unknown')"


class Checks:
    """Holds what is stored and shown against what was seen from outside.

    Args:
        world: Everything there is.
    """

    def __init__(self, world) -> None:
        self._world = world
        self._reader = None
        self.steps: dict[str, str] = {}
        """Acknowledged steps of people: who, unique to the step, and what."""
        self.operations: dict[str, str] = {}
        """Acknowledged changes for SuperOps: id and kind."""
        self._verdicts: dict[tuple, tuple] = {}
        self._terms: dict[int, str] = {}
        self._clock_was_off: datetime | None = None

    def rows(self, sql: str, **params) -> list[tuple]:
        if self._reader is None:
            folder = self._world.folder
            self._reader = sqlcipher3.connect(str(folder / "data" / "sla.db"))
            key = load_or_create_key(folder / "key", keyring_entry=None)
            self._reader.execute(f'PRAGMA key = "{key.literal()}"')
        return self._reader.execute(sql, params).fetchall()

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def all(self) -> None:
        """Check everything that holds at any moment."""
        if not self._world.stored:
            return
        self.nothing_acknowledged_is_lost()
        self.no_verdict_changes()
        self.one_leader_a_term()
        self.ages_are_true()

    # -- at any moment -----------------------------------------------------------------------

    def nothing_acknowledged_is_lost(self) -> None:
        stored = set(self.rows("SELECT actor, action FROM audit WHERE actor LIKE '%#%'"))
        lost = set(self.steps.items()) - stored
        assert not lost, f"steps that people were told are stored: {lost}"
        queued = {one for (one,) in self.rows("SELECT id FROM operation")}
        lost = set(self.operations) - queued
        assert not lost, f"changes that people were told are queued: {lost}"

    def no_verdict_changes(self) -> None:
        found = {
            row[:4]: row[4:]
            for row in self.rows(
                "SELECT ticket_id, breach_type, cycle, revision, outcome, due, fell_at, stopped_at "
                "FROM verdict"
            )
        }
        for key, before in self._verdicts.items():
            now = found.get(key)
            assert now is not None, f"the verdict {key} is gone"
            assert now[:3] == before[:3], f"the verdict {key} was {before} and is {now}"
            assert before[3] in {None, now[3]}, f"the stop of {key} was {before[3]}, is {now[3]}"
        self._verdicts = found

    def one_leader_a_term(self) -> None:
        row = self.rows("SELECT term, holder FROM lease")
        if not row or not row[0][1]:
            return
        term, holder = row[0]
        assert term >= max(self._terms, default=0), "a term is never used again"
        assert self._terms.setdefault(term, holder) == holder, "one term, one holder"
        for monitor in self._world.up():
            mine = monitor.engine.leadership
            if not monitor.still and mine.term == term:
                assert mine.me == holder, "who believes to lead this term holds it"

    def ages_are_true(self) -> None:
        """What is shown as the last read is no later than SuperOps' last whole answer."""
        world = self._world
        last = world.network.answered
        if world.clock.off:
            self._clock_was_off = world.true.now()
        for monitor in world.up():
            # What was stored by a clock that was ahead is dated so until the next read.
            doubtful = self._clock_was_off
            if monitor.still or (doubtful and (last is None or last <= doubtful)):
                continue
            shown = monitor.engine._publisher.synced_at()
            if shown is None:
                continue
            assert last is not None, "a read is shown although SuperOps never answered"
            assert shown <= last + timedelta(seconds=1.5 * world.true.pace), (
                f"{monitor.name} shows a read at {shown}; SuperOps' last answer was at {last}"
            )

    def about_to_arrive(self, channel: str, message) -> None:
        """Nothing is sent that is not claimed in the store at that moment."""
        row = self.rows("SELECT state FROM outbox WHERE message_key = :key", key=message.key)
        assert row, f"{message.key} is sent and not stored"
        assert row[0][0] != "accepted", f"{message.key} was noted as accepted and is sent again"

    # -- once the faults have stopped --------------------------------------------------------

    def all_is_well(self) -> None:
        """Check what must hold when nothing fails any more."""
        self.all()
        self.nothing_is_owed()
        self.operations_arrived_once()
        self.breaches_are_those_of_the_desk()
        self.open_tickets_are_those_of_the_desk()
        self.all_parts_run()

    def nothing_is_owed(self) -> None:
        world = self._world
        old = world.clock.now() - timedelta(minutes=15)
        owed = self.rows(
            "SELECT message_key, state, why, next_at, last_error, attempts FROM outbox "
            f"WHERE state IN {OWED} AND created_at < :old "
            # A channel that was down is tried again after five real minutes at the latest.
            "AND NOT (state = 'pending' AND attempts > 0 AND next_at BETWEEN :now AND :latest) "
            # What a crash left unsure is sent again when its claim has run out, in real seconds.
            "AND NOT (state = 'sending' AND lease_until BETWEEN :now AND :latest)",
            old=int(old.timestamp() * 1000),
            now=int(world.clock.now().timestamp() * 1000),
            latest=int((world.clock.now().timestamp() + 301 * world.true.pace) * 1000),
        )
        assert not owed, f"still owed: {owed}"
        told = {
            one.breach_id
            for message in world.heard
            for one in (message.notification.members or (message.notification,))
        }
        for breach_id, _state, ticket_id in self.rows(
            "SELECT id, state, ticket_id FROM breach WHERE state IN ('open', 'escalated') "
            "AND detected_at < :old AND breach_time >= :first",
            old=int(old.timestamp() * 1000),
            first=self.first_start(),
        ):
            assert breach_id in told, (
                f"nobody heard of the breach {breach_id} of {ticket_id}\n"
                + self.history(ticket_id, breach_id)
            )

    def held_unseen(self) -> set[str]:
        """Return tickets that wait, and did before they were first seen: nobody knows since when."""
        # One that was opened again goes on with the time it had left, which the desk does not do.
        again = {one for (one,) in self.rows("SELECT ticket_id FROM hold WHERE why = 'closed'")}
        first = dict(self.rows("SELECT ticket_id, MIN(at) FROM sighting GROUP BY ticket_id"))
        return again | {
            one.id
            for one in self._world.desk.tickets.values()
            if one.held_since and first.get(one.id, 0) > one.held_since.timestamp() * 1000
        }

    def story_of(self, ticket_id: str) -> str:
        """Return what the store and the desk have of a ticket."""
        lines = [str(self._world.desk.tickets[ticket_id])]
        for table in ("sighting", "hold", "breach", "verdict"):
            lines += [
                f"{table}: {row}"
                for row in self.rows(f"SELECT * FROM {table} WHERE ticket_id = :id", id=ticket_id)
            ]
        return "\n".join([*lines, self.history(ticket_id, "")])

    def first_start(self) -> int:
        """Return from when on breaches are announced: older ones were there before the console."""
        ((text,),) = self.rows("SELECT value FROM meta WHERE name = 'first_start'")
        return int((datetime.fromisoformat(text) - timedelta(minutes=15)).timestamp() * 1000)

    def history(self, ticket_id: str, breach_id: str) -> str:
        """Return what the store has of a breach, for a story that went wrong."""
        lines = self.rows(
            "SELECT datetime(at / 1000, 'unixepoch'), actor, action, detail FROM audit "
            "WHERE subject IN (:ticket, :breach) ORDER BY position",
            ticket=ticket_id,
            breach=breach_id,
        )
        lines += self.rows(
            "SELECT message_key, datetime(created_at / 1000, 'unixepoch'), state, why, "
            "superseded_by, attempts FROM outbox WHERE ticket_id = :ticket ORDER BY position",
            ticket=ticket_id,
        )
        return "\n".join(map(str, lines))

    def operations_arrived_once(self) -> None:
        notes = [note["content"] for t in self._world.desk.tickets.values() for note in t.notes]
        for one, kind in self.operations.items():
            ((state, error, sent, next_at),) = self.rows(
                "SELECT state, last_error, sent, COALESCE(next_at, 0) FROM operation WHERE id = :id",
                id=one,
            )
            if state == "pending" and sent and next_at > self._world.clock.now().timestamp() * 1000:
                continue  # what a crash left unsure is looked after in a minute of real time
            assert state != "pending", f"{kind} {one} still waits: {error}"
            if kind == "note":
                times = sum(f"[sla-console {one[:12]}]" in text for text in notes)
                assert times == (state == "done"), f"note {one} is {state}, and there {times} times"

    def late(self) -> set[tuple[str, str]]:
        """Return which promises of the desk are broken now, by the desk's own times."""
        world, now = self._world, self._world.true.now()
        found = set()
        for ticket in world.desk.tickets.values():
            if not world.desk.is_open(ticket):
                continue
            at = min(now, ticket.held_since or now)
            if ticket.response_due and not ticket.responded and ticket.response_due < at:
                found.add((ticket.id, "RESPONSE"))
            if ticket.resolution_due and ticket.resolution_due < at:
                found.add((ticket.id, "RESOLUTION"))
        return found

    def breaches_are_those_of_the_desk(self) -> None:
        stored = set(
            self.rows("SELECT ticket_id, breach_type FROM breach WHERE state <> 'resolved'")
        )
        stored = {one for one in stored if one[0] not in self.held_unseen()}
        late = {one for one in self.late() if one[0] not in self.held_unseen()}
        if stored != late:
            words = [self.story_of(one) for one, _ in stored ^ late]
            raise AssertionError(
                f"missed: {late - stored}; not late: {stored - late}\n" + "\n".join(words)
            )

    def open_tickets_are_those_of_the_desk(self) -> None:
        world = self._world
        mine = {
            one
            for (one,) in self.rows(
                "SELECT id FROM ticket WHERE closed_at IS NULL AND gone_at IS NULL"
            )
        }
        theirs = {one.id for one in world.desk.tickets.values() if world.desk.is_open(one)}
        assert mine == theirs, f"not seen: {theirs - mine}; gone: {mine - theirs}"

    def all_parts_run(self) -> None:
        for monitor in self._world.up():
            health = monitor.service.board().health
            ill = [part for part in health.parts if not part.running]
            assert not ill, f"parts that do not run: {ill}"
