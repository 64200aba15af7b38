"""People, turns, routes and escalations as people write them: what they mean, and mistakes."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from sla_console.config.settings import Settings
from sla_console.domain.alerts.escalation import EscalationPlan, EscalationStep
from sla_console.domain.alerts.route import Route
from sla_console.domain.people.on_call import Override, Rotation, Shift, on_call

Load = Callable[..., Settings]
Refused = Callable[..., str]

CHANNELS = '[alerts.channels.team]\nurl_env = "A"\n[alerts.channels.sms]\nurl_env = "B"\n'
OLD = '[alerts.channels.old]\nurl_env = "C"\nenabled = false\n'
PEOPLE = '[alerts.people.ada]\nchannels = ["sms"]\n[alerts.people.bo]\nchannels = ["team"]\n'
DESK = CHANNELS + OLD + PEOPLE
TURNS = '[alerts.on_call.primary]\ntimezone = "Europe/Dublin"\nstarts = 2026-01-05\n'
BOTH = TURNS + 'people = ["ada", "bo"]\n'
SHIFT = "[[alerts.on_call.primary.shifts]]\n"
OVERRIDE = '[[alerts.on_call.primary.overrides]]\nperson = "bo"\n'
STEP = "[[alerts.escalations.standard.steps]]\n"
NOON, LATER = "from = 2026-12-24T12:00:00\n", "to = 2026-12-27T09:00:00\n"


def primary(load: Load, text: str) -> Rotation:
    return load(DESK + text).alerts.on_call["primary"].as_domain("primary")


def standard(load: Load, text: str) -> EscalationPlan:
    return load(DESK + BOTH + text).alerts.escalations_as_domain().plans["standard"]


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


class TestRotations:
    def test_people_alone_take_turns_around_the_clock_for_a_week_from_nine(
        self, load: Load
    ) -> None:
        rotation = primary(load, BOTH)
        assert rotation.shifts == (Shift(("ada", "bo")),)
        assert on_call(rotation, datetime(2026, 1, 12, 8, 59, tzinfo=UTC)) == "ada"
        assert on_call(rotation, datetime(2026, 1, 12, 9, tzinfo=UTC)) == "bo"

    def test_shifts_stand_before_the_people_of_the_rest(self, load: Load) -> None:
        rotation = primary(
            load,
            TURNS + 'people = ["ada"]\nhandover = "08:30"\nturn_days = 1\n'
            f'{SHIFT}people = ["bo"]\ndays = ["sat", "mon"]\nfrom = "22:00"\nto = "06:00"\n'
            f'{SHIFT}people = ["bo", "ada"]\n',
        )
        assert (rotation.handover.isoformat(), rotation.turn_days) == ("08:30:00", 1)
        assert rotation.shifts == (
            Shift(("bo",), frozenset({0, 5}), 22 * 60, 6 * 60),
            Shift(("bo", "ada"), frozenset(range(7)), 0, 24 * 60),
            Shift(("ada",)),
        )

    def test_an_override_is_in_local_time_in_summer_and_in_winter(self, load: Load) -> None:
        summer = "from = 2026-07-01T09:00:00\nto = 2026-12-01T09:00:00\n"
        (override,) = primary(load, BOTH + OVERRIDE + summer).overrides
        assert override == Override(
            "bo",
            datetime(2026, 7, 1, 8, tzinfo=UTC),
            datetime(2026, 12, 1, 9, tzinfo=UTC),
        )

    def test_an_override_in_an_hour_that_comes_twice_is_meant_the_first_time(
        self, load: Load
    ) -> None:
        night = "from = 2026-10-25T01:30:00\nto = 2026-10-25T09:00:00\n"
        (override,) = primary(load, BOTH + OVERRIDE + night).overrides
        assert override.start == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    def test_the_directory_knows_whoever_is_on_call_and_who_has_the_ticket(
        self, load: Load
    ) -> None:
        ada = '[alerts.people.ada]\nchannels = ["sms"]\ntechnician = "Ada Byron"\n'
        bo = '[alerts.people.bo]\nchannels = ["team"]\n'
        directory = load(CHANNELS + ada + bo + BOTH).alerts.directory_as_domain()
        moment = datetime(2026, 1, 12, 9, tzinfo=UTC)
        route = Route(people=("assignee",), on_call=("primary",))
        found = directory.recipients(route, moment, "ADA BYRON")
        assert [(one.channel, one.person) for one in found] == [("sms", "ada"), ("team", "bo")]


class TestEscalations:
    def test_a_step_tells_its_route_and_what_is_written_beside_it(self, load: Load) -> None:
        plan = standard(
            load,
            '[alerts.routes.noc]\nchannels = ["team", "old"]\non_call = ["primary"]\n'
            'fallback = ["old", "sms"]\nfallback_seconds = 90\n'
            "[alerts.escalations.standard]\nacknowledged_minutes = 45\n"
            f'{STEP}after_minutes = 0\nroute = "noc"\n'
            f'{STEP}after_minutes = 15\nroute = "noc"\nchannels = ["sms", "team"]\n'
            'people = ["assignee"]\nrepeat_minutes = 10\nrepeat_times = 2\n'
            f'{STEP}after_minutes = 16\nroute = "noc"\nfallback = ["team"]\n'
            "fallback_seconds = 30\n",
        )
        noc = Route(("team",), (), ("primary",), ("sms",), timedelta(seconds=90))
        more = Route(("team", "sms"), ("assignee",), ("primary",), ("sms",), timedelta(seconds=90))
        own = Route(("team",), (), ("primary",), ("team",), timedelta(seconds=30))
        assert plan == EscalationPlan(
            "standard",
            (
                EscalationStep(minutes(0), noc),
                EscalationStep(minutes(15), more, minutes(10), 2),
                EscalationStep(minutes(16), own),
            ),
            minutes(45),
        )

    def test_what_is_not_written_is_left_to_the_rest_of_the_settings(self, load: Load) -> None:
        plan = standard(load, f'{STEP}after_minutes = 5\npeople = ["ada"]\n')
        assert plan.acknowledged_for is None
        assert plan.steps == (EscalationStep(minutes(5), Route(people=("ada",))),)
        assert plan.steps[0].route.fallback_after is None


LOCAL_TIME = "a local date and time without quotes, such as 2026-12-24T09:00:00"
WALL = 'expected a local time such as "09:00"'
AT = "alerts.on_call.primary"
STEPS = "alerts.escalations.standard"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        # People.
        ('[alerts.people.cy]\nchannels = ["team", "smss"]',
         ("alerts.people.cy.channels[1]: found 'smss', expected a name from alerts.channels; "
         "did you mean sms?")),
        ('[alerts.people.cy]\nchannels = "team"',
         "alerts.people.cy.channels: found text, expected a list in square brackets"),
        ('[alerts.people.cy]\ntechnician = "Cy"',
         ("alerts.people.cy.channels: it is missing, expected it beside the other keys of "
         "alerts.people.cy")),
        ('[alerts.people.assignee]\nchannels = ["team"]',
         ("alerts.people.assignee: found a person of that name, expected another, since 'assignee' "
         "in a route is whoever has the ticket")),
        # Whoever takes turns.
        (TURNS + 'people = ["ada", "boo"]',
         f"{AT}.people[1]: found 'boo', expected a name from alerts.people; did you mean bo?"),
        (BOTH + SHIFT + 'people = ["zed"]',
         (f"{AT}.shifts[0].people[0]: found 'zed', expected a name from alerts.people; "
         f"known are ada, bo")),
        (BOTH + SHIFT + 'people = ["bo"]\n' + SHIFT + 'people = ["bo", "adda"]',
         (f"{AT}.shifts[1].people[1]: found 'adda', expected a name from alerts.people; "
         f"did you mean ada?")),
        (BOTH + OVERRIDE + NOON + LATER + OVERRIDE.replace('"bo"', '"ade"') + NOON + LATER,
         (f"{AT}.overrides[1].person: found 'ade', expected a name from alerts.people; "
         f"did you mean ada?")),
        ("[alerts.people.cy]\nchannels = []\n" + TURNS + 'people = ["ada", "cy"]',
         (f"{AT}.people[1]: found 'cy', who has no channels, expected somebody who can be told; "
         f"add them to alerts.people.cy.channels")),
        (TURNS,
         f"{AT}: found nobody who takes turns, expected somebody; add people or shifts"),
        (BOTH + SHIFT + "people = []",
         f"{AT}.shifts[0].people: found a list, expected at least 1 of them"),
        # Times in which nobody does.
        (TURNS + SHIFT + 'people = ["ada"]\ndays = ["mon", "tue", "wed", "thu", "fri"]',
         (f"{AT}: nobody is on call Sat 00:00 to Sun 24:00 (Europe/Dublin), expected somebody at "
         f"every time; add people, or a shift that covers it")),
        (TURNS + SHIFT + 'people = ["ada"]\nfrom = "09:00"\ndays = ["mon"]\n' + SHIFT +
         'people = ["bo"]\ndays = ["tue", "thu", "fri", "sat", "sun"]',
         (f"{AT}: nobody is on call Mon 00:00 to Mon 09:00, Wed 00:00 to Thu 00:00 "
         f"(Europe/Dublin), expected somebody at every time; add people, or a shift that covers it")),
        # Times that are none.
        (BOTH.replace("Dublin", "Dubln"),
         (f"{AT}.timezone: found 'Europe/Dubln', expected an IANA time zone such as Europe/Dublin; "
         f"did you mean Europe/Dublin?")),
        (BOTH.replace("Europe/Dublin", "../x"),
         f"{AT}.timezone: found '../x', expected an IANA time zone such as Europe/Dublin"),
        (BOTH.replace("2026-01-05", '"2026-01-05"'),
         f'{AT}.starts: found "2026-01-05", expected a date without quotes, such as 2026-12-25'),
        *((f'{BOTH}handover = "{wrong}"', f"{AT}.handover: found '{wrong}', {WALL}")
          for wrong in ("9:00", "09:005", "24:00", "25:00", "09:60", "T0900", "09+01", "0900Z", "noon")),
        *((f'{BOTH}{SHIFT}people = ["bo"]\nfrom = "{wrong}"',
           f"{AT}.shifts[0].from: found '{wrong}', {WALL}") for wrong in ("24:00", "09+01")),
        (BOTH + SHIFT + 'people = ["bo"]\nto = "24:01"',
         f"{AT}.shifts[0].to: found '24:01', {WALL}"),
        (BOTH + SHIFT + 'people = ["bo"]\ndays = ["monday"]',
         (f"{AT}.shifts[0].days[0]: found \"monday\", expected one of 'mon', 'tue', 'wed', 'thu', "
         f"'fri', 'sat' or 'sun'")),
        (BOTH + SHIFT + 'people = ["bo"]\ndays = []',
         f"{AT}.shifts[0].days: found a list, expected at least 1 of them"),
        (BOTH + "turn_days = 0", f"{AT}.turn_days: found 0, expected at least 1"),
        (BOTH + "turn_day = 1",
         (f"{AT}.turn_day: found a key that does not exist, expected a known one; "
         f"did you mean turn_days?")),
        # Overrides.
        (BOTH + OVERRIDE + NOON + "to = 2026-12-24T11:00:00",
         (f"{AT}.overrides[0]: found to = 2026-12-24T11:00:00, expected a time after from = "
         f"2026-12-24T12:00:00")),
        (BOTH + OVERRIDE + NOON + "to = 2026-12-24T12:00:00",
         (f"{AT}.overrides[0]: found to = 2026-12-24T12:00:00, expected a time after from = "
         f"2026-12-24T12:00:00")),
        (BOTH + OVERRIDE + NOON + "to = 2026-12-27",
         f"{AT}.overrides[0].to: found 2026-12-27, expected {LOCAL_TIME}"),
        (BOTH + OVERRIDE + LATER + 'from = "2026-12-24T12:00:00"',
         f"{AT}.overrides[0].from: found '2026-12-24T12:00:00', expected {LOCAL_TIME}"),
        (BOTH + OVERRIDE + LATER + "from = 5",
         f"{AT}.overrides[0].from: found something else, expected {LOCAL_TIME}"),
        (BOTH + OVERRIDE + NOON + "to = 2026-12-27T09:00:00Z",
         (f"{AT}.overrides[0].to: found 2026-12-27T09:00:00+00:00, expected a local time without an "
         f"offset")),
        (BOTH.replace("Europe/Dublin", "America/New_York") + OVERRIDE + NOON +
         "to = 9999-12-31T23:59:59",
         f"{AT}.overrides[0].to: found 9999-12-31T23:59:59, expected a year from 1970 to 9998"),
        # Routes.
        (BOTH + '[alerts.routes.noc]\nchannels = ["team", "tem"]',
         ("alerts.routes.noc.channels[1]: found 'tem', expected a name from alerts.channels; "
         "did you mean team?")),
        (BOTH + '[alerts.routes.noc]\npeople = ["asignee"]',
         ("alerts.routes.noc.people[0]: found 'asignee', expected a name from alerts.people; "
         "did you mean assignee?")),
        (BOTH + '[alerts.routes.noc]\non_call = ["primry"]',
         ("alerts.routes.noc.on_call[0]: found 'primry', expected a name from alerts.on_call; "
         "did you mean primary?")),
        ('[alerts.routes.noc]\non_call = ["primary"]',
         ("alerts.routes.noc.on_call[0]: found 'primary', expected a name from alerts.on_call; "
         "there is none yet, so add one as [alerts.on_call.NAME]")),
        (BOTH + '[alerts.routes.noc]\npeople = ["ada"]\nfallback = ["team", "smsg"]',
         ("alerts.routes.noc.fallback[1]: found 'smsg', expected a name from alerts.channels; "
         "did you mean sms?")),
        (BOTH + '[alerts.routes.noc]\nchannels = ["json://u:hunter22@h"]',
         ("alerts.routes.noc.channels[0]: found an address, expected a name from alerts.channels; "
         "known are old, sms, team")),
        ('[alerts.routes.noc]\nfallback = ["team"]',
         ("alerts.routes.noc: it tells nobody; give channels, people or on_call, or remove the "
         "route")),
        ('[alerts.routes.noc]\nchannels = ["team"]\nfallback_seconds = 1',
         "alerts.routes.noc.fallback_seconds: found 1, expected at least 5"),
        # Steps.
        (STEP + "after_minutes = 5",
         (f"{STEPS}.steps[0]: it tells nobody; give route, channels, people or on_call, or remove "
         f"the step")),
        (STEP + 'after_minutes = 5\nfallback = ["team"]',
         (f"{STEPS}.steps[0]: it tells nobody; give route, channels, people or on_call, or remove "
         f"the step")),
        (f"[{STEPS}]\nsteps = []",
         f"{STEPS}.steps: found a list, expected at least 1 of them"),
        (STEP + 'after_minutes = 5\nchannels = ["team"]\nrepeat_times = 2',
         (f"{STEPS}.steps[0]: found one of repeat_minutes and repeat_times, expected both or "
         f"neither")),
        (STEP + 'after_minutes = 5\nchannels = ["team"]\nrepeat_minutes = 2',
         (f"{STEPS}.steps[0]: found one of repeat_minutes and repeat_times, expected both or "
         f"neither")),
        (STEP + 'after_minutes = 15\nchannels = ["team"]\n' + STEP +
         'after_minutes = 5\nchannels = ["sms"]',
         f"{STEPS}: found steps after [15, 5] minutes, expected each once and rising"),
        (STEP + 'after_minutes = 5\nchannels = ["team"]\n' + STEP +
         'after_minutes = 5\nchannels = ["sms"]',
         f"{STEPS}: found steps after [5, 5] minutes, expected each once and rising"),
        (STEP + 'after_minutes = -1\nchannels = ["team"]',
         f"{STEPS}.steps[0].after_minutes: found -1, expected at least 0"),
        (STEP + 'after_minutes = 10081\nchannels = ["team"]',
         f"{STEPS}.steps[0].after_minutes: found 10081, expected at most 10080"),
        (STEP + 'channels = ["team"]',
         (f"{STEPS}.steps[0].after_minutes: it is missing, expected it beside the other keys of "
         f"{STEPS}.steps[0]")),
        (STEP + 'after_minutes = 5\nchannels = ["team"]\n' + STEP +
         'after_minutes = 9\nchannels = ["tema"]',
         (f"{STEPS}.steps[1].channels[0]: found 'tema', expected a name from alerts.channels; "
         f"did you mean team?")),
        (STEP + 'after_minutes = 5\npeople = ["assignee", "abo"]',
         (f"{STEPS}.steps[0].people[1]: found 'abo', expected a name from alerts.people; "
         f"did you mean bo?")),
        (BOTH + STEP + 'after_minutes = 5\non_call = ["secondary"]',
         (f"{STEPS}.steps[0].on_call[0]: found 'secondary', expected a name from alerts.on_call; "
         f"known are primary")),
        (STEP + 'after_minutes = 5\nroute = "nok"\n[alerts.routes.noc]\nchannels = ["team"]',
         (f"{STEPS}.steps[0].route: found 'nok', expected a name from alerts.routes; "
         f"did you mean noc?")),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_one_sentence(refused: Refused, text: str, sentence: str) -> None:
    assert re.fullmatch(rf"FILE: line \d+: {re.escape(sentence)}", refused(DESK + text))


def test_a_rule_may_tell_nobody_to_mute_what_it_matches(load: Load) -> None:
    (rule,) = load('[[alerts.rules]]\nname = "quiet"\n').rules_as_domain()
    assert not rule.whole_route
