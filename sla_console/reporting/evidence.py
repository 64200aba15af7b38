"""Everything that a client needs to check a report, in one archive.

The same report gives the same bytes: entries stand in order and bear no time.
"""

import hashlib
import re
import zipfile
from io import BytesIO
from typing import Final

from sla_console.reporting.forms import render
from sla_console.reporting.forms.words import same_hours, span
from sla_console.reporting.records import Breach, Version
from sla_console.reporting.report import Report

_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
_NO_POLICY: Final = "The due times are SuperOps' own; no policy of the configuration applies.\n"
_READ_ME: Final = """\
SLA evidence: {period}, {scope}

report.html      the report, for a browser; it needs nothing else
report.json      the same as data, with every promise behind its figures
promises.csv     every promise, for a spreadsheet
ledgers/         for each missed promise every stretch of its time, counted or not, and why
policies.txt     what was promised, as it was when the report was made
calendars.txt    when promised time counts
SHA256SUMS       check with: sha256sum -c SHA256SUMS

{basis}
{frozen}"""


def pack_of(report: Report) -> bytes:
    """Return the archive of a report that was made with its ledgers, as a ZIP file."""
    files = {
        "README.txt": _read_me(report).encode(),
        "report.html": render(report, "html"),
        "report.json": render(report, "json"),
        "promises.csv": render(report, "csv"),
        "policies.txt": (_versions(report.policies) or _NO_POLICY).encode(),
        "calendars.txt": _versions(report.calendars).encode(),
    }
    for breach in report.breaches:
        files[f"ledgers/{_file_name(breach)}"] = _ledger(breach).encode()
    sums = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    files["SHA256SUMS"] = "".join(sums).encode()
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def _read_me(report: Report) -> str:
    frozen = report.frozen
    said = (
        f"Frozen {frozen.at:%Y-%m-%d %H:%M} UTC by {frozen.by}.\nSHA-256 of its records: "
        f"{frozen.inputs}\nSHA-256 of its figures: {frozen.figures}\n"
        if frozen is not None
        else f"Not frozen; made of what was known at {report.as_of:%Y-%m-%d %H:%M} UTC.\n"
    )
    return _READ_ME.format(
        period=report.period.label, scope=report.scope_words, basis=report.basis, frozen=said
    )


def _versions(versions: tuple[Version, ...]) -> str:
    parts = (f"{name}\nversion {one.digest}\n{one.text}\n" for name, one in same_hours(versions))
    return "\n".join(parts)


def _ledger(breach: Breach) -> str:
    late = "" if breach.late is None else f"late by: {span(breach.late)} of promised time\n"
    head = (
        f"{breach.number}, {breach.target.words}, due {breach.due:%Y-%m-%d %H:%M:%S} UTC\n"
        f"client: {breach.client}\n{late}\n"
    )
    return head + "".join(f"{line}\n" for line in breach.ledger)


def _file_name(breach: Breach) -> str:
    """Return a name that no file system takes for anything else."""
    number = re.sub(r"[^A-Za-z0-9_-]+", "_", breach.number) or "ticket"
    # Two numbers may differ in nothing but what was replaced.
    if number != breach.number:
        number += f"-{hashlib.sha256(breach.number.encode()).hexdigest()[:6]}"
    cycle = "" if breach.cycle == 1 else f"-{breach.cycle}"
    return f"{number}-{breach.target.lower()}{cycle}.txt"
