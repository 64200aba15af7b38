"""The fault points that there are, as the source has them."""

import re
from pathlib import Path

import sla_console
from sla_console.superops import documents

_HIT = re.compile(r'fault_points\.hit\(\s*(f?)"([^"]+)"')


def all_points() -> list[str]:
    """Return the names of all points in the product."""
    found: set[str] = set()
    for path in Path(sla_console.__file__).parent.rglob("*.py"):
        for made, name in _HIT.findall(path.read_text()):
            if made:
                found |= {name.format(document=one) for one in documents.ALL}
            else:
                found.add(name)
    return sorted(found)
