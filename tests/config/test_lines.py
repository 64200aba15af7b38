"""On which line a setting stands, for messages."""

import pytest

from sla_console.config.lines import line_of

TEXT = """\
# a comment with = and [brackets]
[superops]
subdomain = "acme"      # [ui]

[ui]
theme = "x"
keys = { "ticket.note" = ["n"], "app.quit" = [] }

[calendars.office]
mon = [
  ["09:00", "12:00"],
  ["13:00", "17:00"],
]
timezone = "UTC"

[[policies]]
name = "one"
[[policies]]
name = '''
[[policies]]
'''
[[policies.escalation]]
after_minutes = 1
[[policies.escalation]]
after_minutes = 2
[alerts.channels."on call"]
url_env = "X"
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("superops.subdomain", 3), ("superops", 2), ("ui.theme", 6), ("ui.keys", 7),
        ("calendars.office.mon", 10), ("calendars.office.mon[1]", 10),
        ("calendars.office.timezone", 14), ("policies", 16), ("policies[0].name", 17),
        ("policies[1].name", 19), ("policies[1].escalation[1].after_minutes", 25),
        ("alerts.channels.on call.url_env", 27), ("alerts.channels.on call", 26),
        ("policies[0].priority", 16), ("store.data_dir", None), ("", None),
    ],
)  # fmt: skip
def test_it_is_the_line_of_the_setting_or_of_the_table_around_it(key, line):
    assert line_of(TEXT, key) == line


def test_a_value_of_very_many_lines_is_not_looked_into():
    text = "a = [\n" + "1,\n" * 2000 + "]\nb = 1\n"
    assert line_of(text, "b") is None
