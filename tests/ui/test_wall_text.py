"""What a wall says, worked out without a screen: numbers, rows, and what breaks next."""

from datetime import timedelta

import pytest

from sla_console.domain.board import SourceState
from sla_console.domain.forecast.risk import RiskThresholds
from sla_console.domain.sla.breach import BreachType
from sla_console.ui.terminal.symbols import UNICODE
from sla_console.ui.text.local_time import LocalTime
from sla_console.ui.wall.big_digits import HEIGHT, LOW, big, low, width_of
from sla_console.ui.wall.pages import WallPage
from sla_console.ui.wall.running import RunningTickets
from sla_console.ui.wall.text import Figure, Kept, WallText, short


@pytest.fixture
def text() -> WallText:
    return WallText(UNICODE, LocalTime("Europe/Dublin"), RiskThresholds())


def plain(drawn) -> list[str]:
    return ["".join(cell.text for cell in line) for line in drawn]


class TestNextBreach:
    def test_what_breaks_meanwhile_is_no_longer_next(self, desk):
        tickets = [desk.ticket(n, timedelta(minutes=5 + n)) for n in range(3)]
        board, running = desk.board(tickets), RunningTickets()
        assert running.next_breach(board, desk.now).judged.ticket.display_id == "1000"
        later = desk.now + timedelta(minutes=5, seconds=30)
        assert running.next_breach(board, later).judged.ticket.display_id == "1001"
        assert running.next_breach(board, desk.now + timedelta(hours=1)) is None

    def test_a_resolution_behind_a_broken_response_may_be_next(self, desk):
        unanswered = {"responded_at": None, "response_due": desk.now - timedelta(minutes=9)}
        broken = desk.ticket(1, timedelta(minutes=20), **unanswered)
        other = desk.ticket(2, timedelta(minutes=40))
        board, running = desk.board([broken, other]), RunningTickets()
        following = running.next_breach(board, desk.now)
        assert (following.judged, following.clock.target) == (broken, BreachType.RESOLUTION)
        later = desk.now + timedelta(minutes=21)
        assert running.next_breach(board, later).judged is other

    def test_what_is_on_hold_is_not_next(self, desk):
        held = desk.ticket(1, timedelta(minutes=5), status="Waiting on Client")
        other = desk.ticket(2, timedelta(minutes=50))
        assert RunningTickets().next_breach(desk.board([held, other]), desk.now).judged is other

    def test_another_board_is_read_anew(self, desk):
        one, two = (desk.ticket(n, timedelta(minutes=n)) for n in (5, 50))
        running = RunningTickets()
        assert running.next_breach(desk.board([one, two]), desk.now).judged is one
        assert running.next_breach(desk.board([two]), desk.now).judged is two
        assert running.next_breach(desk.board([]), desk.now) is None


class TestNumbers:
    @pytest.mark.parametrize("width", [56, 74, 76, 116, 196])
    def test_a_wide_number_is_never_cut_where_the_others_can_spare_the_room(self, text, width):
        figures = [
            Figure("BREACHED", "6", ""), Figure("AT RISK", "8", ""),
            Figure("NEXT BREACH", "23h59", ""), Figure("KEPT TODAY", "100%", ""),
        ]  # fmt: skip
        drawn = plain(text.draw(figures, width, 1))
        assert len({len(line) for line in drawn}) == 1
        assert len(drawn[0]) <= width
        for row, line in zip(big("23h59"), drawn[1:-1], strict=True):
            assert f"  {row}" in line
            assert line.split(row)[1][:1].strip() == ""  # air before the next number

    def test_a_day_on_which_nothing_was_settled_has_no_percentage(self):
        assert Kept().words == "-"
        assert Kept(199, 1).words == "99%"  # never rounded up to all

    @pytest.mark.parametrize("page", WallPage)
    def test_before_anything_was_read_it_does_not_say_that_all_is_well(self, text, desk, page):
        never = desk.board([], health=desk.health(connection=SourceState.STALE, last_sync_at=None))
        numbers = text.figures(never, Kept(), desk.now)
        assert [one.number for one in numbers[:-1]] == ["-"] * 4
        assert "ok" not in {one.look for one in numbers}
        said = "\n".join(plain(text.page(page, never, (), (76, 14), desk.now)))
        assert "Nothing is known yet: SuperOps was never read." in said
        assert "Nothing is running" not in said

    def test_an_empty_desk_that_was_read_has_noughts(self, text, desk):
        numbers = text.figures(desk.board([]), Kept(), desk.now)
        assert [one.number for one in numbers[:2]] == ["0", "0"]


class TestRows:
    def test_what_is_on_hold_does_not_hide_what_runs(self, text, desk):
        held = [desk.ticket(n, timedelta(minutes=n), status="Waiting on Client") for n in range(50)]
        board = desk.board([*held, desk.ticket(99, timedelta(hours=2))])
        page = "\n".join(plain(text.page(WallPage.URGENT, board, (), (76, 14), desk.now)))
        assert "1099" in page
        assert "Nothing is running" not in page
        idle = "\n".join(
            plain(text.page(WallPage.URGENT, desk.board(held), (), (76, 14), desk.now))
        )
        assert "Nothing is running against the clock." in idle

    @pytest.mark.parametrize("height", range(3, 40))
    @pytest.mark.parametrize("scale", [1, 2])
    def test_a_page_never_says_more_than_it_has_room_for(self, text, desk, height, scale):
        board = desk.typical()
        waiting = board.counts.unacknowledged
        for page in (WallPage.URGENT, WallPage.BREACHES):
            drawn = plain(text.page(page, board, (), (76, height), desk.now, scale))
            tall = HEIGHT if scale > 1 else LOW
            assert len(drawn) <= max(height, tall) + 1
            said = [line for line in drawn[:height] if line.strip()]
            assert said
            if page is WallPage.BREACHES and height > tall:
                shown = sum("resolution" in line for line in drawn[:height])
                more = f"and {waiting - shown} more" if waiting > shown else ""
                assert more in said[-1]


class TestDigits:
    @pytest.mark.parametrize("text", ["0123456789", "-12:31", "3h12", "2d03", "95%", "-"])
    def test_every_row_is_as_wide_as_the_others(self, text):
        for rows, height in ((big(text), HEIGHT), (big(text, 2), 2 * HEIGHT), (low(text), LOW)):
            assert len(rows) == height
            assert len({len(row) for row in rows}) == 1
        assert len(big(text)[0]) == width_of(text)

    def test_plain_terminals_get_number_signs(self):
        assert set("".join(big("0123456789:-%hd", sign="#"))) == {"#", " "}

    @pytest.mark.parametrize(
        ("seconds", "text"),
        [(0, "0:00"), (59, "0:59"), (3599, "59:59"), (3600, "1h00"), (86_399, "23h59"),
         (86_400, "1d00"), (-61, "-1:01"), (99 * 86_400, "99d00")],
    )  # fmt: skip
    def test_a_countdown_in_few_signs(self, seconds, text):
        assert short(timedelta(seconds=seconds)) == text
