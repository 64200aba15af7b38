"""Which promise a ticket is under, and why."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_console.domain.sla.policy import PolicyTable, SLAPolicy, conflicts, match_order
from sla_console.domain.tickets.ticket import Ticket

TICKET = Ticket(
    "1",
    "T-1",
    "Printer down",
    priority="Critical",
    client="Acme",
    group="Network",
    sla_name="Gold",
    request_type="Incident",
)
FIELDS = ("sla_name", "client", "group", "priority_level", "request_type")
HAS = {
    "sla_name": "Gold",
    "client": "Acme",
    "group": "Network",
    "priority_level": "Critical",
    "request_type": "Incident",
}


def policy(name: str, **conditions: object) -> SLAPolicy:
    return SLAPolicy(name.casefold(), name, **conditions)


ANY = policy("Any", default=True)
GOLD = policy("Gold", sla_name="gold")
ACME_CRITICAL = policy("Acme critical", client="ACME", priority_level="critical")


class TestWhatMatches:
    @pytest.mark.parametrize("field", FIELDS)
    def test_each_condition_is_met_without_case_or_rules_the_policy_out(self, field: str) -> None:
        asking = policy("Asking", **{field: HAS[field].upper()})
        assert PolicyTable([asking]).policy_of(TICKET) is asking
        assert PolicyTable([replace(asking, **{field: "other"})]).policy_of(TICKET) is None

    @pytest.mark.parametrize("field", FIELDS)
    def test_what_the_ticket_does_not_have_meets_no_condition(self, field: str) -> None:
        without = Ticket("2", "T-2", "Bare")
        assert PolicyTable([policy("Asking", **{field: HAS[field]})]).policy_of(without) is None

    def test_a_policy_without_conditions_that_is_no_default_matches_nothing(self) -> None:
        assert PolicyTable([policy("Empty")]).policy_of(TICKET) is None


class TestWhoWins:
    def test_more_conditions_win_whichever_they_are_and_whatever_the_order(self) -> None:
        first_by_order = replace(GOLD, order=1)
        for policies in itertools.permutations([ANY, first_by_order, ACME_CRITICAL]):
            assert PolicyTable(policies).policy_of(TICKET) is ACME_CRITICAL

    def test_of_equals_the_lowest_order_wins_and_one_without_comes_last(self) -> None:
        second, first = policy("A", client="Acme", order=7), policy("B", sla_name="Gold", order=2)
        unordered = policy("0", group="Network")
        assert PolicyTable([unordered, second, first]).policy_of(TICKET) is first
        assert PolicyTable([unordered, second]).policy_of(TICKET) is second

    def test_then_the_name_decides_without_case_and_the_place_does_not(self) -> None:
        later, earlier = policy("Beta", client="Acme"), policy("alpha", sla_name="Gold")
        assert PolicyTable([later, earlier]).policy_of(TICKET) is earlier
        assert PolicyTable([earlier, later]).policy_of(TICKET) is earlier

    def test_what_is_tried_first_stands_first(self) -> None:
        ordered = replace(GOLD, order=1)
        zeta = policy("Zeta", client="x")
        assert match_order([ANY, zeta, ordered, ACME_CRITICAL]) == [
            ACME_CRITICAL,
            ordered,
            zeta,
            ANY,
        ]


class TestWhy:
    def test_the_conditions_are_told_and_what_decided(self) -> None:
        match = PolicyTable([ANY, GOLD, ACME_CRITICAL]).match(TICKET)
        assert match.policy is ACME_CRITICAL
        assert match.others == (GOLD,)
        assert match.reasons == (
            "client is ACME",
            "priority is critical",
            "it has more conditions than Gold",
        )
        assert match.conflict is None
        assert not match.fell_to_default

    def test_alone_its_conditions_are_the_reason(self) -> None:
        assert PolicyTable([GOLD]).match(TICKET).reasons == ("SLA is gold",)

    @pytest.mark.parametrize(
        ("order", "loser_order", "reason"),
        [
            (None, None, "comes later by name alone"),
            (3, 3, "comes later by name alone"),
            (1, 2, "has order 2, this one 1"),
            (1, None, "has no order, this one has 1"),
        ],
    )
    def test_an_equal_that_lost_by_order_or_name_is_a_conflict(
        self, order: int | None, loser_order: int | None, reason: str
    ) -> None:
        winner = policy("A", client="Acme", order=order)
        loser = policy("B", sla_name="Gold", order=loser_order)
        match = PolicyTable([loser, winner]).match(TICKET)
        assert (match.policy, match.conflict, match.others) == (winner, loser, (loser,))
        assert match.reasons[-1] == f"B matches as well and {reason}"

    def test_the_default_is_used_where_nothing_matches_and_it_is_said(self) -> None:
        match = PolicyTable([GOLD, ANY]).match(replace(TICKET, sla_name="Silver"))
        assert (match.policy, match.fell_to_default) == (ANY, True)
        assert match.reasons == ("no other policy matches",)

    def test_without_a_default_nothing_is_said_to_match(self) -> None:
        match = PolicyTable([]).match(TICKET)
        assert match.policy is None
        assert not match.fell_to_default
        assert match.reasons == ("no policy matches, and there is no default",)


class TestConflicts:
    def test_two_that_one_ticket_can_match_equally_well_are_a_pair_the_winner_first(self) -> None:
        other = policy("Acme", client="Acme")
        assert conflicts([GOLD, ACME_CRITICAL, other]) == [(other, GOLD)]

    def test_conditions_that_exclude_each_other_are_none(self) -> None:
        assert conflicts([GOLD, policy("Silver", sla_name="Silver")]) == []

    def test_an_order_settles_it_unless_both_have_the_same(self) -> None:
        other = policy("Acme", client="Acme", order=5)
        assert conflicts([GOLD, other]) == []
        assert conflicts([replace(GOLD, order=5), other]) == [(other, replace(GOLD, order=5))]

    def test_a_more_specific_one_that_takes_what_both_match_settles_it(self) -> None:
        other = policy("Acme", client="Acme")
        both = policy("Both", client="Acme", sla_name="Gold")
        assert conflicts([GOLD, other, both]) == []

    def test_two_defaults_are_a_pair(self) -> None:
        another = policy("Zero", default=True)
        assert conflicts([another, ANY]) == [(ANY, another)]


names = st.sampled_from([None, "a", "B", "b"])
policies = st.lists(
    st.builds(
        SLAPolicy,
        id=st.uuids().map(str),
        name=st.sampled_from(["x", "X", "y", "z"]),
        sla_name=names,
        client=names,
        group=names,
        priority_level=names,
        request_type=names,
        order=st.sampled_from([None, None, 1, 2]),
        default=st.booleans(),
    ),
    max_size=12,
)
tickets = st.builds(
    Ticket,
    id=st.just("1"),
    display_id=st.just("1"),
    subject=st.just("x"),
    sla_name=names,
    client=names,
    group=names,
    priority=names,
    request_type=names,
)


@given(tickets, policies)
def test_the_table_answers_as_asking_each_policy_in_turn(
    ticket: Ticket, found: list[SLAPolicy]
) -> None:
    """Against the plain reading of the rules, one policy at a time."""
    matching = [p for p in match_order(found) if p.wanted and p.matcher.matches(ticket)]
    match = PolicyTable(found).match(ticket)
    if matching:
        assert (match.policy, *match.others) == tuple(matching)
        most = len(matching[0].wanted)
        assert all(len(p.wanted) <= most for p in matching)
    else:
        assert match.policy is next((p for p in match_order(found) if p.default), None)
        assert match.fell_to_default is (match.policy is not None)
    assert PolicyTable(found).policy_of(ticket) is match.policy


@given(tickets, policies, st.randoms())
def test_the_order_of_the_file_changes_nothing(
    ticket: Ticket, found: list[SLAPolicy], chance
) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert PolicyTable(shuffled).policy_of(ticket) == PolicyTable(found).policy_of(ticket)


@given(tickets, policies)
def test_whoever_wins_by_name_alone_is_among_the_conflicts(
    ticket: Ticket, found: list[SLAPolicy]
) -> None:
    match = PolicyTable(found).match(ticket)
    if match.conflict is not None and match.conflict.order == match.policy.order:
        assert (match.policy, match.conflict) in conflicts(found)


def test_a_change_of_the_policies_is_seen_at_once() -> None:
    changing = [GOLD]
    assert PolicyTable(changing).policy_of(TICKET) is GOLD
    changing.append(ACME_CRITICAL)
    assert PolicyTable(changing).policy_of(TICKET) is ACME_CRITICAL
    changing.clear()
    assert PolicyTable(changing).policy_of(TICKET) is None


def test_the_work_for_a_ticket_does_not_grow_with_the_policies() -> None:
    """Counted in lookups, which a busy machine cannot change."""

    class Counted(str):
        __slots__ = ()
        seen = 0

        def __hash__(self) -> int:
            Counted.seen += 1
            return super().__hash__()

        def casefold(self) -> str:
            return Counted(super().casefold())

        def __eq__(self, other: object) -> bool:
            return super().__eq__(other)

    def lookups(count: int) -> int:
        many = [policy(f"P{n}", client=f"client {n}", priority_level="High") for n in range(count)]
        table = PolicyTable(many)
        Counted.seen = 0
        assert table.policy_of(replace(TICKET, client=Counted("client 7"), priority="High"))
        return Counted.seen

    assert lookups(500) == lookups(10) > 0
