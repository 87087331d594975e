import json
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from io import StringIO
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import Model
from django.utils import timezone

from onestop.catalog.models import Agency, Field, Procedure
from onestop.common.time import VIETNAM
from onestop.demo import office, people, stories
from onestop.demo.management.commands.load_demo import CATALOGUE
from onestop.dossiers.models import (
    Attachment,
    DailySequence,
    Dossier,
    DueDate,
    Fee,
    InternalNote,
    NewsItem,
    Paper,
    ReadyText,
    State,
    StatsQueue,
    Supplement,
    Transition,
)
from onestop.dossiers.store import DATABASE, Store, writing_in_bulk
from onestop.staff.models import Role, User
from onestop.statistics.models import AgencyMonth, LateSpell, ProcedureMonth, Publication, Spell
from onestop.votes.models import Answer, Ballot, BallotSlip, Question, QuestionSet
from packets.dialects.qd1705.messages import Kind
from packets.models import Packet, PacketState
from tests.packets.portals import a_portal
from tests.practice_portal import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

# What stories leave behind, parents first.
LEFT: tuple[type[Model], ...] = (
    DailySequence,
    Dossier,
    Transition,
    DueDate,
    Supplement,
    Paper,
    Fee,
    Attachment,
    NewsItem,
)
# What is counted of it, and what waits to be.
COUNTED: tuple[type[Model], ...] = (AgencyMonth, ProcedureMonth, LateSpell, Spell, StatsQueue)


def load(*words: str) -> None:
    call_command("load_demo", *words, verbosity=0, stdout=StringIO())


def forget(*kinds: type[Model]) -> None:
    """Empties tables below Django, which would rightly refuse to delete history."""
    for kind in kinds:
        kind._default_manager.all()._raw_delete(kind._default_manager.db)


def rows(kind: type[Model]) -> list[str]:
    """Every row of a table as text, in an order of its own: keys, times of writing, names of files aside."""
    keys = {field.name for field in kind._meta.fields if field.primary_key}
    keys |= {"file", "supplement", "changed_at", "transition"}
    found = []
    for row in kind._default_manager.order_by("pk"):
        values: dict[str, Any] = {f.name: getattr(row, f.attname) for f in kind._meta.fields if f.name not in keys}
        for name in {"dossier"} & values.keys():
            values[name] = str(Dossier.objects.get(pk=values[name]).uuid)
        found.append(json.dumps(values, default=str, sort_keys=True))
    return sorted(found)


def test_the_office_has_what_a_newcomer_wants_to_see() -> None:
    load("--dossiers", "200")
    assert Dossier.objects.count() == 200
    assert set(Dossier.objects.values_list("state", flat=True)) == set(State)
    assert set(User.objects.values_list("role", flat=True)) == set(Role)
    assert Agency.objects.level1().filter(code="H21").exists()
    assert Agency.objects.filter(parent__code="H21").count() >= 3
    assert Procedure.objects.count() >= 25
    assert Field.objects.filter(procedures__isnull=False).distinct().count() >= 6
    assert Procedure.objects.filter(fees__amount__gt=0).exists()
    assert Supplement.objects.exists()
    assert Fee.objects.filter(paid_at__isnull=False).exists()
    assert Ballot.objects.exists()
    oldest = Dossier.objects.earliest("registered_at").registered_at
    assert 380 < (timezone.now() - oldest).days <= office.DAYS_BACK
    assert Publication.objects.exclude(month=0).values("year", "month").distinct().count() >= 13
    assert DueDate.objects.filter(calendar_known=False).count() == 0


def test_the_bulk_writes_the_same_rows_as_the_lifecycle_one_by_one() -> None:
    call_command("import_catalog", str(CATALOGUE), verbosity=0)
    call_command("load_calendar", verbosity=0)
    desks = office.desks(people.hire(Random(5)))  # noqa: S311 invents people, keeps no secret
    # A day of its own: on some days the draws give no dossier a file, and nothing is compared.
    today = datetime(2026, 6, 30, 17, tzinfo=VIETNAM)

    def told(way: AbstractContextManager[Store]) -> dict[str, list[str]]:
        """The rows that every story leaves, twice over, written that way."""
        random = Random(7)  # noqa: S311 the same draws for both
        with way as store:
            for story in list(stories.STORIES) * 2:
                case = office.draw_case(random, desks, today, story)
                case.store = store
                stories.play(case, story)
        found = {kind.__name__: rows(kind) for kind in LEFT}
        assert set(StatsQueue.objects.values_list("dossier", flat=True)) == set(
            Dossier.objects.values_list("pk", flat=True)
        )
        forget(*COUNTED, *reversed(LEFT))
        return found

    one_by_one, in_bulk = told(nullcontext(DATABASE)), told(writing_in_bulk())
    for name, lines in one_by_one.items():
        assert lines, name
        assert in_bulk[name] == lines, name


def test_the_same_seed_gives_the_same_office_and_another_seed_another() -> None:
    def dossiers(seed: str) -> list[Any]:
        load("--dossiers", "40", "--seed", seed, "--until", "2026-06-30")
        found = list(Dossier.objects.order_by("code", "uuid").values_list("code", "uuid", "state", "due_at", "token"))
        forget(
            Answer,
            Ballot,
            BallotSlip,
            Question,
            QuestionSet,
            Publication,
            *COUNTED,
            *reversed(LEFT),
            InternalNote,
            ReadyText,
            User,
        )
        return found

    first, same, other = dossiers("3"), dossiers("3"), dossiers("4")
    assert first == same
    assert first != other


def test_it_is_loaded_into_an_empty_database_only() -> None:
    load("--dossiers", "0")
    with pytest.raises(CommandError, match="trống"):
        load("--dossiers", "5")
    assert not Dossier.objects.exists()


@pytest.mark.parametrize(("words", "says"), [(("--dossiers", "-1"), "--dossiers"), (("--until", "31/12"), "--until")])
def test_nonsense_is_refused_and_nothing_is_loaded(words: tuple[str, str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        load(*words)
    assert not Agency.objects.exists()


def test_every_transition_of_a_drained_office_has_its_packets_each_accepted_or_superseded_by_one_that_was(
    practice_portal: Sandbox,
) -> None:
    load("--dossiers", "150")
    a_portal(practice_portal.address)
    call_command("sync_packets", "--drain", verbosity=0, stdout=StringIO())
    due = set(Transition.objects.filter(accepted=True).values_list("pk", flat=True))
    due |= set(Transition.objects.filter(dossier__from_portal=True).values_list("pk", flat=True))
    for kind in (Kind.DOCUMENT, Kind.TRACE):
        assert set(Packet.objects.filter(kind=kind).values_list("transition", flat=True)) == due
    for packet in Packet.objects.exclude(state=PacketState.ACCEPTED).select_related("superseded_by__superseded_by"):
        assert packet.state == PacketState.SUPERSEDED
        newer = packet.superseded_by
        while newer is not None and newer.state == PacketState.SUPERSEDED:
            newer = newer.superseded_by
        assert newer is not None
        assert newer.state == PacketState.ACCEPTED
    months = Publication.objects.exclude(month=0).count()
    assert Packet.objects.filter(kind=Kind.VOTE).count() == months
    assert Packet.objects.filter(kind=Kind.STATISTIC).count() == Publication.objects.count()
