"""Who asked for help stands in no report by name, nor by being the only one of a group."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.reporting.build import report_of
from sla_console.reporting.forms import FORMS, render
from sla_console.reporting.privacy import OTHERS, Pseudonyms, protect

REQUESTERS = ("Rita", "Sven", "Tuva", "Uwe", "Vera", "Wim")


@pytest.fixture
def protected(invent, gather):
    def make(count=300, seed=1, least=3, family="f", key=b"k" * 32):
        return protect(gather(invent(count, seed)), Pseudonyms(key, family), least)

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
    @given(seed=st.integers(0, 500), least=st.integers(1, 8))
    def test_whatever_is_broken_out_comes_from_enough_people(
        self, invent, gather, seed, least
    ) -> None:
        records = gather(invent(25, seed))
        asked = {(o.number, o.target): o.requester or o.number for o in records.promises}
        found = protect(records, Pseudonyms(b"k", "f"), least)
        for field in ("group", "priority", "policy", "request_type"):
            people: dict[str, set] = {}
            for one in found.promises:
                people.setdefault(getattr(one, field), set()).add(asked[one.number, one.target])
            if len(people) > 1:
                small = [v for v, who in people.items() if len(who) < least and v != OTHERS]
                assert not small, field

    def test_one_small_group_takes_the_next_with_it(self, ticket, gather) -> None:
        def some(priority: str, count: int):
            return [
                ticket(id=f"{priority}{n}", display_id=f"{priority}{n}", priority=priority,
                       requester=f"person {n}")
                for n in range(count)
            ]  # fmt: skip

        records = gather([*some("High", 1), *some("Low", 4), *some("Medium", 6)])
        found = protect(records, Pseudonyms(b"k", "f"), 3)
        tickets = Counter(one.priority for one in found.promises if one.target == "RESPONSE")
        # Of High alone under "others" the one person would be the whole less Low and Medium.
        assert tickets == {OTHERS: 5, "Medium": 6}

    def test_folding_loses_no_promise_and_no_credit(self, invent, gather) -> None:
        records = gather(invent(60, 3))
        found = protect(records, Pseudonyms(b"k", "f"), 6)
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
        found = protect(gather(lives), Pseudonyms(b"k", "f"), 3)
        assert "Zoe" not in repr(found)
