"""The pages that a link in a message opens: plain HTML without scripts."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta, tzinfo
from html import escape
from typing import Final

from sla_console.domain.alerts.action_link import LinkAction
from sla_console.domain.durations import words
from sla_console.domain.sla.breach import BreachState, SLABreach
from sla_console.domain.text import clean
from sla_console.service.message_actions import LinkAnswer, LinkState

_SUBJECT: Final = 200
_STYLE: Final = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem;"
    "color:#111;background:#fff}h1{font-size:1.5rem}form{margin:1rem 0}"
    "button{font:inherit;width:100%;padding:1rem;border:1px solid #111;border-radius:.5rem;"
    "background:#111;color:#fff}form+form button{background:#fff;color:#111}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#111}"
    "button{border-color:#eee;background:#eee;color:#111}"
    "form+form button{background:#111;color:#eee}}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""Content security policy of a page: its own style, its own buttons, nothing else."""
_DID: Final = {LinkAction.ACKNOWLEDGE: "acknowledged", LinkAction.SNOOZE: "snoozed"}


class Pages:
    """Writes pages.

    Args:
        snooze: For how long a breach is put off.
        zone: Of the times where the reader's is not known; None: UTC.
    """

    def __init__(self, snooze: timedelta, zone: tzinfo | None = None) -> None:
        self._snooze, self._zone = snooze, zone or UTC

    def page(self, answer: LinkAnswer) -> str:
        """Return the page that says how it stands with a link."""
        breach = answer.breach
        if breach is None or answer.state is LinkState.INVALID:
            return _document("Link not valid", [f"<p>{escape(self.sentence(answer))}</p>"])
        name = clean(breach.display_id or breach.ticket_id, 80)
        parts = [
            f"<p>{escape(clean(breach.subject, _SUBJECT) or 'no subject')}</p>",
            f"<p>{escape(self._what(answer, breach))}</p>",
            f"<p><strong>{escape(self.sentence(answer))}</strong></p>",
            *(self._button(action, token) for action, token in answer.tokens),
        ]
        return _document(f"Ticket {name}", parts)

    def sentence(self, answer: LinkAnswer) -> str:
        """Return in one sentence how it stands with a link."""
        breach, use = answer.breach, answer.use
        if breach is None:
            return "This link is not valid. Open the SLA console instead."
        match answer.state:
            case LinkState.DONE if use is not None:
                said = f"Done: {_DID[use.action]} by {_who(answer)}{self._until(answer, breach)}"
            case LinkState.USED if use is not None:
                when = self._time(answer, use.at)
                said = f"This was used already: {_who(answer)} {_DID[use.action]} it at {when}"
            case LinkState.OVER:
                when = self._time(answer, breach.resolved_at)
                said = f"Nothing is to do: the breach has been over since {when}"
            case LinkState.EXPIRED:
                said = "This link has expired. Open the SLA console instead"
            case LinkState.TAKEN:
                said = f"Nothing is to do: {self._has(answer, breach)}"
            case LinkState.REFUSED:
                said = answer.why.rstrip(".")
            case _:
                said = f"Now: {self._has(answer, breach)}"
        return f"{said}."

    def _what(self, answer: LinkAnswer, breach: SLABreach) -> str:
        due = self._time(answer, breach.breach_time)
        return f"Its {breach.breach_type.words} was due {due}."

    def _has(self, answer: LinkAnswer, breach: SLABreach) -> str:
        if breach.state is BreachState.ACKNOWLEDGED:
            who = clean(breach.acknowledged_by or "somebody", 80)
            return f"{who} has had it since {self._time(answer, breach.acknowledged_at)}"
        if breach.state is BreachState.SNOOZED:
            return f"it is snoozed{self._until(answer, breach)}"
        return "nobody has it"

    def _until(self, answer: LinkAnswer, breach: SLABreach) -> str:
        until = breach.snoozed_until
        return f" until {self._time(answer, until)}" if until is not None else ""

    def _button(self, action: LinkAction, token: str) -> str:
        said = (
            "Acknowledge" if action is LinkAction.ACKNOWLEDGE else f"Snooze {words(self._snooze)}"
        )
        return f'<form method="post" action="{escape(token)}"><button>{said}</button></form>'

    def _time(self, answer: LinkAnswer, at: datetime | None) -> str:
        if at is None:
            return "a moment that is not known"
        here = at.astimezone(answer.zone or self._zone)
        return f"{here:%Y-%m-%d %H:%M} {here.tzname() or 'UTC'}"


def _who(answer: LinkAnswer) -> str:
    use = answer.use
    if use is None:
        return "somebody"
    return clean(use.person or f"somebody through the channel {use.channel}", 120)


def _document(title: str, parts: list[str]) -> str:
    said = escape(title)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{said}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{said}</h1>{''.join(parts)}</main></body></html>"
    )
