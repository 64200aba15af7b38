"""Who asked for help stands in no report by name, nor by being the only one of a group."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.reporting.build import report_of
from sla_console.reporting.forms import FORMS, render
from sla_console.reporting.period import Period
from sla_console.reporting.privacy import OTHERS, Pseudonyms, protect

SPAN = Period.month(2026, 10, "UTC").span
REQUESTERS = ("Rita", "Sven", "Tuva", "Uwe", "Vera", "Wim")


@pytest.fixture
def protected(invent, gather):
    def make(count=300, seed=1, least=3, family="f", key=b"k" * 32):
        return protect(gather(invent(count, seed)), Pseudonyms(key, family), least, SPAN)

    return make


class TestPseudonyms:
    def test_somebody_is_the_same_within_a_family(self) -> None:
        one, other = Pseudonyms(b"key", "2026"), Pseudonyms(b"key", "2026")
        assert one.of("Rita Ray") == other.of("rita ray")
        assert one.of("Rita Ray") != one.of("Sven Ray")

    def test_across_families_and_keys_nobody_can_be_linked(self) -> None:
        found = {
            Pseudonyms(key, family).of("Rita Ray")
            for key in (b"key", b"other")
            for family in ("2026", "2027")
        }
        assert len(found) == 4

    @given(st.text(min_size=1, max_size=40))
    def test_nothing_of_the_name_is_left(self, name) -> None:
        pseudonym = Pseudonyms(b"key", "f").of(name)
        assert pseudonym.startswith("requester-")
        assert len(pseudonym) == len("requester-") + 8


@pytest.mark.parametrize("form", FORMS)
def test_no_form_names_a_requester_or_tells_a_subject(protected, frame, form) -> None:
    text = render(report_of(protected(), frame()), form).decode()
    assert "T-1" in text
    for name in REQUESTERS:
        assert name not in text.replace("Review", "")
    assert "secret subject" not in text


class TestSmallGroups:
    @given(seed=st.integers(0, 500), least=st.integers(1, 8), count=st.integers(1, 60))
    def test_whatever_is_broken_out_comes_from_enough_people_and_so_do_the_others(
        self, invent, gather, seed, least, count
    ) -> None:
        records = gather(invent(count, seed))
        asked = {(o.number, o.target): o.requester or o.number for o in records.promises}
        found = protect(records, Pseudonyms(b"k", "f"), least, SPAN)
        for field in ("group", "priority", "policy", "request_type", "credit"):
            people: dict[str, set] = {}
            for one in found.promises:
                if SPAN.start <= one.due < SPAN.end:
                    value = getattr(one, field)
                    names = [value] if field != "credit" else [c.technician for c in value]
                    for name in names:
                        people.setdefault(name, set()).add(asked[one.number, one.target])
            if len(people) > 1:
                # The others count too: they are the whole less all that is shown.
                assert not [v for v, who in people.items() if len(who) < least], field

    def test_one_small_group_takes_the_next_with_it(self, ticket, gather) -> None:
        def some(priority: str, count: int):
            return [
                ticket(id=f"{priority}{n}", display_id=f"{priority}{n}", priority=priority,
                       requester=f"person {n}")
                for n in range(count)
            ]  # fmt: skip

        records = gather([*some("High", 1), *some("Low", 4), *some("Medium", 6)])
        found = protect(records, Pseudonyms(b"k", "f"), 3, SPAN)
        tickets = Counter(one.priority for one in found.promises if one.target == "RESPONSE")
        # Of High alone under "others" the one person would be the whole less Low and Medium.
        assert tickets == {OTHERS: 5, "Medium": 6}

    def test_small_groups_that_are_small_together_take_the_next_with_them(
        self, ticket, gather
    ) -> None:
        people = {"Critical": ["Rita"], "High": ["Rita", "Sven"], "Low": list("abcd"),
                  "Medium": list("efghij")}  # fmt: skip
        lives = [
            ticket(id=f"{priority}{who}", display_id=f"{priority}{who}", priority=priority,
                   requester=who)
            for priority, some in people.items() for who in some
        ]  # fmt: skip
        found = protect(gather(lives), Pseudonyms(b"k", "f"), 4, SPAN)
        # Critical and High are two groups, but the whole less Low and Medium would be two people.
        assert {one.priority for one in found.promises} == {OTHERS, "Medium"}

    def test_a_group_of_many_people_with_one_in_the_period_is_small(self, ticket, gather) -> None:
        def some(priority: str, count: int, day: datetime):
            return [
                ticket(id=f"{priority}{day:%m}{n}", display_id=f"{priority}{day:%m}{n}",
                       priority=priority, requester=f"person {n}", created_at=day,
                       response_due=day + timedelta(hours=1),
                       resolution_due=day + timedelta(hours=8))
                for n in range(count)
            ]  # fmt: skip

        september, october = (datetime(2026, month, 14, 9, tzinfo=UTC) for month in (9, 10))
        lives = [
            *some("Critical", 9, september), *some("Critical", 1, october),
            *some("Low", 9, october), *some("Medium", 10, october),
        ]  # fmt: skip
        found = protect(gather(lives), Pseudonyms(b"k", "f"), 3, SPAN)
        assert {one.priority for one in found.promises} == {OTHERS, "Medium"}

    def test_folding_loses_no_promise_and_no_credit(self, invent, gather) -> None:
        records = gather(invent(60, 3))
        found = protect(records, Pseudonyms(b"k", "f"), 6, SPAN)
        assert len(found.promises) == len(records.promises)
        for one in found.promises:
            assert sum(credit.share for credit in one.credit) == pytest.approx(1)
        held = sum(one.held for one in found.in_hand)
        assert held == pytest.approx(sum(one.held for one in records.in_hand))

    def test_a_small_technician_stands_under_others_everywhere(self, ticket, gather) -> None:
        lives = [
            ticket(id=str(n), display_id=str(n), requester=f"person {n}",
                   technician="Zoe" if n < 2 else "Ada", technician_id="z" if n < 2 else "a")
            for n in range(12)
        ]  # fmt: skip
        found = protect(gather(lives), Pseudonyms(b"k", "f"), 3, SPAN)
        assert "Zoe" not in repr(found)
