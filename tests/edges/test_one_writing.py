"""What was written before there was one writing is brought to it by a migration, and nothing of it is lost."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from onestop.catalog.models import Procedure
from onestop.dossiers import migrations
from onestop.dossiers.models import Dossier
from tests import people

from .test_numbers import IDENTITY_NOS, PHONES, REFUSED
from .test_text import APART, NAME

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
# Its number is not its name.
(MIGRATION,) = (path.stem for path in Path(migrations.__path__[0]).glob("*_one_writing.py"))


def migrate() -> None:
    migration: Any = import_module(f"{migrations.__name__}.{MIGRATION}")
    migration.bring_to_one_writing(apps, SimpleNamespace(connection=connection, execute=lambda _sql: None))


def write(dossier: Dossier, **columns: str) -> None:
    """Past every column that mends."""
    named = ", ".join(f"{name} = %s" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE dossiers_dossier SET {named} WHERE id = %s", [*columns.values(), dossier.pk])  # noqa: S608 names of this file


@pytest.mark.parametrize(("column", "cases"), [("phone", PHONES), ("identity_no", IDENTITY_NOS)])
def test_numbers_in_every_writing_become_one(column: str, cases: list[tuple[str, str, str]]) -> None:
    written = [(typed, kept) for typed, kept, _shown in cases if len(typed) <= 30]
    dossiers = [people.a_dossier() for _case in written]
    for dossier, (typed, _kept) in zip(dossiers, written, strict=True):
        write(dossier, **{column: typed})
    migrate()
    for dossier, (_typed, kept) in zip(dossiers, written, strict=True):
        assert Dossier.objects.values_list(column, flat=True).get(pk=dossier.pk) == kept


def test_texts_are_composed_and_searched_anew_and_the_rest_is_left() -> None:
    dossier = people.a_dossier(summary="Khai sinh", phone="0905123456")
    write(dossier, applicant_name=f"{APART}\u200b Ðạt", search=" sai")
    before: dict[str, Any] = {**Dossier.objects.values().get()}
    migrate()
    after: dict[str, Any] = {**Dossier.objects.values().get()}
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"applicant_name", "search"}
    assert after["applicant_name"] == f"{NAME} Ðạt"
    assert Dossier.objects.matching("dat dang khai").get() == dossier
    migrate()
    assert Dossier.objects.values().get() == after


def test_what_it_cannot_mend_stays_and_is_counted_without_being_told(capsys: pytest.CaptureFixture[str]) -> None:
    people.a_dossier(phone="0905123456")
    for kind, column, typed, _why in REFUSED:
        write(people.a_dossier(applicant_kind=kind), **{column: typed})
    capsys.readouterr()
    migrate()
    said = capsys.readouterr().out
    numbers = {column: sum(case[1] == column for case in REFUSED) for column in ("phone", "identity_no")}
    assert f"{numbers['phone']} doubtful" in said
    assert f"{numbers['identity_no']} doubtful" in said
    for _kind, column, typed, _why in REFUSED:
        assert Dossier.objects.filter(pk__gt=0).values_list(column, flat=True).get(**{column: typed}) == typed
        assert typed not in said


def test_procedures_are_searched_anew() -> None:
    procedure = people.a_procedure(name="Cấp thẻ ƀuôn Ðak")
    Procedure.objects.update(search="1.001193 cap the ƀuon ðak")
    (name,) = (path.stem for path in Path("onestop/catalog/migrations").glob("*_plain_letters.py"))
    migration: Any = import_module(f"onestop.catalog.migrations.{name}")
    migration.search_anew(apps, None)
    procedure.refresh_from_db()
    assert procedure.search == "1.001193 cap the buon dak"
