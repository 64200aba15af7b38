"""A frozen report says the same for ever, and what has changed since and why."""

import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sla_console.domain.errors import SLAConsoleError
from sla_console.domain.figures.record import Credit
from sla_console.domain.figures.report import KeptReport
from sla_console.domain.sla.verdict import Outcome
from sla_console.reporting.build import report_of
from sla_console.reporting.evidence import pack_of
from sla_console.reporting.forms import FORMS, render
from sla_console.reporting.frozen import changes_between, freeze, frozen_name, thaw
from sla_console.reporting.period import Period
from sla_console.reporting.records import Exclusion, ReportRecords, Version
from sla_console.reporting.scope import Scope

AT = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
OCTOBER = Period.month(2026, 10, "UTC")


@pytest.fixture(scope="module")
def records(invent, gather):
    return gather(invent(120))


@pytest.fixture(scope="module")
def kept(records, frame):
    return freeze("october", records, report_of(records, frame()), AT, "marta")


class TestKeeping:
    def test_it_comes_back_as_it_was(self, records, kept, frame) -> None:
        again, report = thaw(kept)
        assert again == records
        assert replace(report, frozen=None) == report_of(records, frame())
        assert (report.frozen.by, report.frozen.at) == ("marta", AT)

    def test_the_same_records_give_the_same_hashes(self, records, kept, frame) -> None:
        other = freeze(
            "october", records, report_of(records, frame()), AT + timedelta(days=1), "dev"
        )
        assert other.inputs_hash == kept.inputs_hash
        assert other.figures_hash == kept.figures_hash

    @pytest.mark.parametrize("part", ["inputs", "figures"])
    def test_what_was_tampered_with_is_refused(self, kept, part) -> None:
        content = zlib.decompress(getattr(kept, part)).replace(b'"met"', b'"missed"', 1)
        with pytest.raises(SLAConsoleError, match="are not those that were frozen"):
            thaw(replace(kept, **{part: zlib.compress(content)}))

    @pytest.mark.parametrize("part", ["inputs", "figures"])
    def test_what_is_damaged_is_refused_in_words(self, kept, part) -> None:
        with pytest.raises(SLAConsoleError, match="restore the database"):
            thaw(replace(kept, **{part: b"rubbish"}))

    def test_each_period_zone_and_scope_has_a_name_of_its_own(self) -> None:
        dublin = replace(OCTOBER, zone="Europe/Dublin")
        names = {
            frozen_name(OCTOBER, Scope()),
            frozen_name(dublin, Scope()),
            frozen_name(OCTOBER.before(), Scope()),
            frozen_name(OCTOBER, Scope({"client": ("Acme",)})),
            frozen_name(OCTOBER, Scope({"group": ("Acme",)})),
        }
        assert len(names) == 5
        assert frozen_name(OCTOBER, Scope({"client": ("ACME", "b")})) == frozen_name(
            OCTOBER, Scope({"client": ("B", "acme")})
        )


class TestChanges:
    def changes(self, records, promises=None, **other):
        now = ReportRecords(**{
            name: getattr(records, name) for name in ReportRecords.__slots__
        } | ({"promises": promises} if promises is not None else {}) | other)  # fmt: skip
        return changes_between(records, now, OCTOBER.span)

    def first(self, records) -> tuple[int, object]:
        return next(
            (place, one) for place, one in enumerate(records.promises)
            if one.outcome is Outcome.MET and OCTOBER.span.start <= one.due < OCTOBER.span.end
        )  # fmt: skip

    def test_nothing_changed_says_nothing(self, records) -> None:
        assert self.changes(records) == ()

    def test_a_due_time_that_moved_is_named_with_both(self, records) -> None:
        place, one = self.first(records)
        moved = replace(one, due=one.due - timedelta(hours=1), outcome=Outcome.MISSED)
        promises = [*records.promises]
        promises[place] = moved
        (found,) = self.changes(records, promises)
        assert (found.number, found.frozen, found.now) == (one.number, "met", "missed")
        assert f"due: {one.due:%Y-%m-%d %H:%M} UTC, now {moved.due:%Y-%m-%d %H:%M} UTC" in found.why

    def test_a_ticket_that_is_gone_or_new_is_named(self, records) -> None:
        place, _ = self.first(records)
        promises = [*records.promises]
        del promises[place]
        (gone,) = self.changes(records, promises)
        assert (gone.frozen, gone.now) == ("met", "not known")
        fewer = replace_promises(records, promises)
        (new,) = changes_between(fewer, records, OCTOBER.span)
        assert (new.frozen, new.now) == ("not known", "met")

    def test_what_is_owed_still_is_later_by_the_hour_and_that_is_no_change(self, records) -> None:
        place, one = self.first(records)
        owed = replace(
            one, outcome=Outcome.MISSED, stopped_at=None, taken=None, margin=-3600.0,
            credit=(Credit("Ada", 0.5), Credit("Bob", 0.5)),
        )  # fmt: skip
        later = replace(owed, margin=-7200.0, credit=(Credit("Ada", 0.4), Credit("Bob", 0.6)))
        before, after = [*records.promises], [*records.promises]
        before[place], after[place] = owed, later
        frozen = replace_promises(records, before)
        assert changes_between(frozen, replace_promises(records, after), OCTOBER.span) == ()
        after[place] = replace(later, stopped_at=one.due + timedelta(hours=9))
        (found,) = changes_between(frozen, replace_promises(records, after), OCTOBER.span)
        assert "now 20" in found.why

    def test_what_lies_outside_the_period_is_no_change(self, records) -> None:
        promises = [
            one for one in records.promises
            if OCTOBER.span.start <= one.due < OCTOBER.span.end
        ]  # fmt: skip
        assert len(promises) < len(records.promises)
        assert self.changes(records, promises) == ()

    def test_another_client_or_holds_known_otherwise_is_named(self, records) -> None:
        place, one = self.first(records)
        for change, said in (
            ({"client": "Acme"}, f"client: {one.client}, now Acme"),
            ({"margin": 1.0}, "its holds or hours are known otherwise"),
            ({"outcome": Outcome.MISSED}, "time has passed"),
        ):
            promises = [*records.promises]
            promises[place] = replace(one, **change)
            (found,) = self.changes(records, promises)
            assert said in found.why

    def test_a_name_that_is_hidden_in_the_report_is_hidden_here_too(self, records) -> None:
        place, one = self.first(records)
        promises = [*records.promises]
        promises[place] = replace(one, group="The one director")
        now = replace_promises(records, promises)
        now.policies = [Version("The director's", "resolution: 1 hours", "b" * 12)]
        frozen = replace_promises(records, records.promises)
        frozen.policies = [Version("The director's", "resolution: 2 hours", "a" * 12)]
        told = {"group": {one.group}, "policy": {"none"}}
        (found,) = changes_between(frozen, now, OCTOBER.span, told)
        assert found.why == f"group: {one.group}, now others"

    def test_an_exclusion_and_a_policy_that_changed_are_named(self, records) -> None:
        old = replace_promises(records, records.promises)
        old.policies = [Version("Gold", "resolution: 8 hours\ncounted in: every hour", "a" * 12)]
        new = replace_promises(records, records.promises)
        new.policies = [Version("Gold", "resolution: 4 hours\ncounted in: every hour", "b" * 12)]
        new.exclusions = [*old.exclusions, Exclusion("T-1", "Acme", "twice", "marta")]
        exclusion, policy = changes_between(old, new, OCTOBER.span)
        assert (exclusion.number, exclusion.now) == ("T-1", "twice")
        assert policy.why == "no more 'resolution: 8 hours'; now 'resolution: 4 hours'"


def replace_promises(records: ReportRecords, promises) -> ReportRecords:
    return ReportRecords(
        promises, list(records.exclusions), records.breaches, records.in_hand, records.late_holds,
        list(records.policies), list(records.calendars),
    )  # fmt: skip


class TestEvidence:
    @pytest.fixture
    def pack(self, kept):
        return pack_of(thaw(kept)[1])

    def test_the_same_report_gives_the_same_archive(self, kept, pack) -> None:
        assert pack_of(thaw(kept)[1]) == pack

    def test_it_holds_a_ledger_for_each_missed_promise_and_sums_that_fit(self, kept, pack) -> None:
        import hashlib
        import io
        import zipfile

        report = thaw(kept)[1]
        with zipfile.ZipFile(io.BytesIO(pack)) as archive:
            names = archive.namelist()
            ledgers = [name for name in names if name.startswith("ledgers/")]
            missed = [one for one in report.promises if one.outcome is Outcome.MISSED]
            assert len(ledgers) == len(missed) > 10
            for line in archive.read("SHA256SUMS").decode().splitlines():
                digest, name = line.split("  ")
                assert hashlib.sha256(archive.read(name)).hexdigest() == digest
            assert len(names) == archive.read("SHA256SUMS").count(b"\n") + 1
            assert b"counts" in archive.read(ledgers[0])
            assert report.frozen.inputs.encode() in archive.read("README.txt")


def test_what_was_frozen_long_ago_still_opens_and_says_the_same() -> None:
    """These two were written by schema version 1; whatever becomes of the code, they must open."""
    folder = Path(__file__).parent / "frozen"
    inputs, figures = ((folder / f"{what}-1.json").read_bytes() for what in ("records", "figures"))
    kept = KeptReport(
        "october", AT, "marta",
        zlib.compress(inputs), "bd5f408ed34d3cdb8017254030b82270d064e587d7570bd74c53d05ce76c1e05",
        zlib.compress(figures), "b21d43227d1b723037bda61010dd2f8a82e14c41d3c1e47407a7df213749b61d",
    )  # fmt: skip
    records, report = thaw(kept)
    assert (report.schema_version, report.period) == (1, OCTOBER)
    assert (report.response.tally.met, report.resolution.tally.met) == (6, 3)
    assert report.resolution.tally.missed == 3
    assert len(records.promises) == len(report.promises) + len(report.around)
    for form in FORMS:
        assert report.breaches[0].number in render(report, form).decode()
