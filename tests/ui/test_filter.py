"""The filter's small language: what each word means, and that none hides a breach unsaid."""

from datetime import timedelta

import pytest

from sla_console.ui.board.filter import STATES, BoardFilter, Moment
from sla_console.ui.widgets.ticket_cells import Attention, attention_of


@pytest.fixture
def numbers(desk):
    tickets = desk.tickets(40)

    def apply(text: str, **moment) -> list[str]:
        at = Moment(desk.now, **moment)
        return [one.ticket.display_id for one in BoardFilter(text).apply(tickets, at)]

    return apply


class TestTime:
    def test_less_left_than_a_span_counts_the_clock_that_is_next_and_what_is_late(self, desk):
        tickets = [desk.ticket(n, timedelta(minutes=m)) for n, m in enumerate((-5, 10, 29, 31, 90))]
        found = BoardFilter("left<30m").apply(tickets, Moment(desk.now))
        assert [one.ticket.display_id for one in found] == ["1000", "1001", "1002"]
        found = BoardFilter("left>=30m left<2h").apply(tickets, Moment(desk.now))
        assert [one.ticket.display_id for one in found] == ["1003", "1004"]

    def test_time_alone_lets_a_ticket_in_and_it_is_known_when_to_look(self, desk):
        tickets = [desk.ticket(0, timedelta(minutes=45)), desk.ticket(1, timedelta(hours=9))]
        wanted = BoardFilter("left<30m")
        assert not wanted.apply(tickets, Moment(desk.now))
        assert wanted.again_at == desk.now + timedelta(minutes=15)
        later = wanted.again_at + timedelta(seconds=1)
        assert len(wanted.apply(tickets, Moment(later))) == 1

    def test_a_filter_without_time_never_asks_to_look_again(self, desk):
        wanted = BoardFilter("risk>=high p1")
        wanted.apply(desk.tickets(40), Moment(desk.now))
        assert wanted.again_at is None

    @pytest.mark.parametrize(
        "text", ["left<", "left<3", "left<soon", "risk>=x", "state:x", "risk:"]
    )
    def test_a_word_that_is_not_finished_hides_nothing_and_says_what_it_takes(self, numbers, text):
        assert len(numbers(text)) == 40
        assert BoardFilter(text).fault

    @pytest.mark.parametrize(
        ("spaced", "plain"),
        [("left < 30m", "left<30m"), ("!left >= 2h", "!left>=2h"), ("risk >= high", "risk>=high"),
         ("@maya left <1d p1", "@maya left<1d p1")],
    )  # fmt: skip
    def test_spaces_about_a_comparison_change_nothing(self, numbers, spaced, plain):
        assert numbers(spaced) == numbers(plain)
        assert BoardFilter(spaced).fault == ""


class TestStates:
    def test_risk_and_more(self, numbers, desk):
        worst, some = set(numbers("risk=critical")), set(numbers("risk>=high"))
        assert worst < some
        assert set(numbers("!risk>=high")) == set(numbers("")) - some
        assert set(numbers("risk>=hi")) == some  # its beginning is enough

    def test_each_ticket_is_held_breached_at_risk_or_fine(self, numbers):
        parts = [set(numbers(f"state:{name}")) for name in ("held", "breached", "risk", "ok")]
        together = set().union(*parts)
        assert all(parts)
        assert together == set(numbers(""))
        assert parts[1].isdisjoint(parts[2])

    def test_what_people_did(self, numbers):
        attention = {"7000000001": Attention(acknowledged=True, by="Sam")}
        assert numbers("state:acked", attention=attention) == ["1001"]
        assert "1001" not in numbers("state:unacked", attention=attention)

    def test_what_was_put_off(self, desk):
        board = desk.typical()
        until = desk.now + timedelta(hours=1)
        breaches = [
            one.snooze("Sam", "parts", desk.now, until) if one.display_id == "1003" else one
            for one in board.breaches
        ]
        at = Moment(desk.now, attention=attention_of(breaches))
        found = BoardFilter("state:snoozed").apply(board.tickets, at)
        assert [one.ticket.display_id for one in found] == ["1003"]

    def test_every_named_state_is_known(self, numbers):
        for name in STATES:
            assert BoardFilter(f"state:{name}").fault == ""
            numbers(f"state:{name}")


class TestNames:
    def test_quotes_hold_words_together(self, numbers):
        assert numbers('#"acme logistics"') == numbers("#acme")
        assert numbers('"drops every"') == numbers("drops every")
        assert numbers('"every drops"') == []

    def test_a_quote_that_is_still_open_is_read_as_far_as_it_goes(self, numbers):
        assert numbers('#"acme log') == numbers("#acme")

    def test_fields_by_name(self, numbers):
        assert set(numbers("status:waiting")) | set(numbers("!status:waiting")) == set(numbers(""))
        assert numbers("policy:critical")
        assert numbers("group:none") == numbers("")

    def test_any_other_word_with_a_colon_is_text(self, numbers):
        assert numbers("re:") == []


def test_a_closed_calendar_looks_again_no_earlier_than_anything_can_change(desk):
    """Promised time passes no faster than the clock on the wall."""
    judged = desk.ticket(0, timedelta(hours=3))
    wanted = BoardFilter("left<1h")
    wanted.apply([judged], Moment(desk.now))
    assert wanted.again_at == desk.now + timedelta(hours=2)


class TestWhoAndWhat:
    @pytest.fixture
    def mine(self, desk):
        hour = timedelta(hours=1)
        return [desk.ticket(0, hour, technician=name) for name in ("Marta", "Martashenko")]

    def test_me_is_the_technician_who_sits_here_and_nobody_of_a_longer_name(self, mine):
        wanted = BoardFilter("@me", me="MARTA")
        assert [one.ticket.technician for one in wanted.apply(mine)] == ["Marta"]
        assert [one.ticket.technician for one in wanted.typed("!@me").apply(mine)] == [
            "Martashenko"
        ]

    def test_where_it_is_not_known_who_sits_here_it_says_so_and_hides_nothing(self, mine):
        wanted = BoardFilter("@me")
        assert "ui.technician" in wanted.fault
        assert len(wanted.apply(mine)) == 2

    @pytest.mark.parametrize("word", ["foo:bar", "stat:held", "!clent:acme", "für:x"])
    def test_a_word_with_a_colon_that_is_not_known_says_so(self, word):
        fault = BoardFilter(word).fault
        assert f"{word.strip('!').split(':')[0]}: is no word of the filter, so it is text" in fault

    @pytest.mark.parametrize("word", ['"re: printer"', '"@me"', "10:30", "https://acme.example/x"])
    def test_in_quotes_or_where_it_can_be_no_prefix_it_is_text(self, desk, word):
        plain = word.strip('"')
        tickets = [desk.ticket(0, timedelta(), subject=text) for text in (f"About {plain}", "VPN")]
        wanted = BoardFilter(word)
        assert not wanted.fault
        assert len(wanted.apply(tickets)) == 1
