"""Mistakes in the settings about alerts: each is one sentence that says how to mend it."""

from datetime import timedelta

import pytest

from sla_console.domain.alerts.alert import AlertEvent, RuleHours
from sla_console.domain.alerts.route import Route
from sla_console.domain.forecast.risk import RiskLevel

TEAM = '[alerts.channels.team]\nurl_env = "A"\n'
RULE = TEAM + '[[alerts.rules]]\nname = "r"\n'
WORK = '[[alerts.maintenance]]\nname = "patch"\ntimezone = "Europe/Dublin"\n'
NOON = "from = 2026-12-24T12:00:00\n"
KNOWN = "expected a name from"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            RULE + 'channels = ["taem"]',
            (
                f"alerts.rules[0].channels[0]: found 'taem', {KNOWN} alerts.channels; "
                "did you mean team?"
            ),
        ),
        (
            RULE + 'route = "noc"',
            (
                f"alerts.rules[0].route: found 'noc', {KNOWN} alerts.routes; there is none yet, so "
                "add one as [alerts.routes.NAME]"
            ),
        ),
        (
            RULE + 'channels = ["team"]\nfallback = ["sms"]',
            f"alerts.rules[0].fallback[0]: found 'sms', {KNOWN} alerts.channels; known are team",
        ),
        (
            RULE + 'channels = ["team"]\nescalation = "fast"',
            (
                f"alerts.rules[0].escalation: found 'fast', {KNOWN} alerts.escalations; there is none "
                "yet, so add one as [alerts.escalations.NAME]"
            ),
        ),
        (
            RULE + 'channels = ["team"]\nlevels = ["90"]',
            (
                "alerts.rules[0].levels[0]: found '90', expected a level of warnings such as \"90%\" "
                'or "30m"'
            ),
        ),
        (
            RULE + 'channels = ["team"]\n[[alerts.rules]]\nname = "R"\nchannels = ["team"]',
            "alerts.rules: found the name 'r' more than once, expected each once; rename one",
        ),
        (
            "[alerts.bursts]\nwindow_minutes = 1",
            "alerts.bursts.window_minutes: found 1, expected at least 5",
        ),
        (
            "[alerts.bursts]\nfalse_alarms_a_year = 0",
            "alerts.bursts.false_alarms_a_year: found 0, expected more than 0",
        ),
        (
            "[alerts.bursts]\nfalse_alarms_a_year = nan",
            "alerts.bursts.false_alarms_a_year: found nan, expected a finite number",
        ),
        (
            "[alerts.bursts]\nat_lest = 4",
            (
                "alerts.bursts.at_lest: found a key that does not exist, expected a known one; "
                "did you mean at_least?"
            ),
        ),
        (
            '[alerts]\ncanary_at = "noon"',
            'alerts.canary_at: found \'noon\', expected a local time such as "10:00", or "never"',
        ),
        (
            WORK + NOON + 'to = 2026-12-24T13:00:00\ndays = ["sun"]',
            (
                "alerts.maintenance[0]: 'patch' has dates and days; expected one of them: dates for "
                "once, days for every week"
            ),
        ),
        (
            WORK + 'from = "22:00"\nto = "04:00"',
            "alerts.maintenance[0]: 'patch' has no days; add them, such as days = [\"sun\"]",
        ),
        (
            WORK + NOON + "to = 2026-12-24T08:00:00",
            "alerts.maintenance[0]: 'patch' ends before it begins; mend from or to",
        ),
        (
            WORK + NOON + 'to = "13:00"',
            (
                "alerts.maintenance[0]: 'patch' has a date and a time of day; expected from and to in "
                "one form"
            ),
        ),
        (
            WORK + 'from = "25:00"\nto = "04:00"\ndays = ["sun"]',
            "alerts.maintenance[0]: found '25:00', expected a local time such as \"09:00\"",
        ),
        (
            WORK + 'from = "24:00"\nto = "04:00"\ndays = ["sun"]',
            "alerts.maintenance[0]: found '24:00', expected a local time such as \"09:00\"",
        ),
        (
            WORK + NOON + "to = 2026-12-25",
            (
                "alerts.maintenance[0].to: found 2026-12-25, expected a local date and time without "
                "quotes, such as 2026-12-24T09:00:00"
            ),
        ),
        (
            WORK + NOON + "to = 2026-12-25T09:00:00Z",
            (
                "alerts.maintenance[0].to: found 2026-12-25T09:00:00+00:00, expected a local time "
                "without an offset"
            ),
        ),
        (
            WORK + NOON + "to = 9999-12-31T23:59:59",
            (
                "alerts.maintenance[0].to: found 9999-12-31T23:59:59, expected a year from 1970 to "
                "9998"
            ),
        ),
        (
            '[alerts.channels.wall]\nservice = "terminal"\nurl_env = "A"',
            (
                "alerts.channels.wall: found url_env although service is 'terminal', expected no "
                "address; remove it"
            ),
        ),
        (
            TEAM + 'signing = { key_env = "K" }',
            (
                "alerts.channels.team: found a signing key although service is 'apprise', expected it "
                "beside service = 'webhook' only; remove [signing] or change the service"
            ),
        ),
        (
            '[alerts.heartbeat]\nurl_env = "A"\nurl_file = "b"',
            "alerts.heartbeat: found both url_env and url_file, expected one; remove one",
        ),
    ],
)
def test_a_mistake_is_one_sentence(refused, text, said) -> None:
    assert refused(text).endswith(said)


def test_a_rule_becomes_what_it_says_with_the_route_that_it_names(load) -> None:
    settings = load(
        TEAM + '[alerts.channels.sms]\nurl_env = "B"\n'
        '[alerts.routes.noc]\nchannels = ["team"]\nfallback = ["sms"]\nfallback_seconds = 90\n'
        '[[alerts.rules]]\nname = "r"\nroute = "noc"\npeople = ["assignee"]\n'
        'events = ["warning"]\nlevels = ["90%"]\nmin_risk = "HIGH"\nhours = "outside"\n'
        "quiet_hours = false\n"
    )
    (rule,) = settings.rules_as_domain()
    assert rule.route == Route(("team",), ("assignee",), (), ("sms",), timedelta(seconds=90))
    assert (rule.events, rule.levels, rule.min_risk, rule.hours, rule.quiet) == (
        (AlertEvent.WARNING,), ("90%",), RiskLevel.HIGH, RuleHours.OUTSIDE, False,
    )  # fmt: skip


def test_maintenance_becomes_a_window_of_its_zone(load) -> None:
    text = WORK + 'from = "22:00"\nto = "04:00"\ndays = ["sun"]\nweek = 2\nclients = ["Acme"]\n'
    (window,) = load(text).alerts.maintenance_as_domain()
    assert (window.name, window.zone.key) == ("patch", "Europe/Dublin")
    assert window.matcher.words() == "client Acme"
    assert window.when.week == 2


def test_acknowledgements_may_hold_for_ever(load) -> None:
    text = "[alerts]\nacknowledge_minutes = 0\nacknowledge_urgent_minutes = 5\n"
    found = load(text).alerts.escalations_as_domain()
    assert (found.acknowledged, found.acknowledged_urgent) == (None, timedelta(minutes=5))
