"""Text as people type, scan and paste it: composed, nothing hidden, one kind of blank; found by its plain letters.

A new case is one line in `KEPT`, `REFUSED` or `FOUND`.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import models
from django.test import RequestFactory
from django.urls import get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework import serializers

from onestop.catalog.models import Agency, Procedure
from onestop.common.errors import InputRefused
from onestop.common.input.columns import Tidied
from onestop.common.input.text import tidy_line, tidy_lines, without_accents, words_of
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, Paper, Supplement
from onestop.rest.fields import LineInput, Strict
from tests import people

from .intake_doors import DOORS

pytestmark = pytest.mark.both_databases

NAME = "Đặng Văn Ước"
APART = unicodedata.normalize("NFD", NAME)

# What is typed, and what is kept of it in one line.
KEPT = [
    (APART, NAME),
    (f"\ufeff{NAME}", NAME),
    ("Đặng\u200b Văn\u2060 Ước", NAME),
    ("Đặng\u00a0Văn\u2009Ước", NAME),
    ("Đặng\u3000Văn \t Ước\u00a0", NAME),
    ("Đặng Văn\r\nƯớc", NAME),
    ("Đặng Văn\u2028Ước", NAME),
    ("Đặng Văn Ước\U000e0041\U000e007f", NAME),
    ("Đặng Văn\u200d Ư\u200cớc\ufe0f", NAME),
    ("Đặng Văn Ước\ufffe\uffff\U0001ffff", NAME),
    ("nghiên\u00ad cứu", "nghiên cứu"),
    ("y\u0302\u0306", "ŷ\u0306"),
    ("H\u2800\u3164n", "H n"),
    ("\u3164", ""),
    ("👨‍👩‍👧 1️⃣", "👨‍👩‍👧 1️⃣"),
    ("Y \u01a1\u0306 Niê", "Y ơ̆ Niê"),
    ("\uf0b7 Bản sao", "• Bản sao"),
    ("x" + "\u0301\u0316" * 100_000, "x" + "\u0316" * 15 + "\u0301" * 15),
]
# Where several lines may be: what is typed, and what is kept.
KEPT_IN_LINES = [
    ("Một\r\nHai\rBa\u2028Bốn", "Một\nHai\nBa\nBốn"),
    (f"\u200b\n {APART}  \n\tthụt\u00a0vào \n\n", f"{NAME}\n\tthụt vào"),
    ("a   b", "a   b"),
]
# What nobody can mend without guessing.
REFUSED = ["Đặng\u202eVăn", "Đặng\u0000Văn", "Đặng\u0007Văn", "\u2066Đặng", "Đặng\u200f"]
# What stands in the record, and by which plain letters it is found.
FOUND = [
    ("Ðặng Thị Ɖào ðức", "dang thi dao duc"),
    ("Y Ƀlô Niê Kƀăm", "y blo nie kbam"),
    ("H'Čĕm Ŏ Ŭn Ơ̆ng Ê̆ñ", "h cem o un ong en"),
    ("ĐẶNG VĂN ƯỚC", "dang van uoc"),
    (APART, "dang van uoc"),
    ("ＮＧＵＹỄＮ Văn Ａ", "nguyen van a"),
    ("Nguyễn\u200bVăn\u00a0B", "nguyenvan b"),
    ("Łukasz Øre", "lukasz ore"),
    ("Straße ﬁ", "strasse fi"),
    ("𝐍guyễn №5", "nguyen no5"),
]


@pytest.mark.parametrize(("typed", "kept"), KEPT, ids=ascii)
def test_a_line_is_kept_as_everybody_sees_it(typed: str, kept: str) -> None:
    assert tidy_line(typed) == kept
    assert tidy_line(kept) == kept


@pytest.mark.parametrize(("typed", "kept"), KEPT_IN_LINES, ids=ascii)
def test_several_lines_are_kept_as_everybody_sees_them(typed: str, kept: str) -> None:
    assert tidy_lines(typed) == kept
    assert tidy_lines(kept) == kept


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_every_door_keeps_a_name_and_a_summary_alike(door: str) -> None:
    pasted = f"\ufeff{APART}\u200b\u00a0\u3000(con)"
    dossier = DOORS[door](applicant_name=pasted, summary=f"Dòng một\n{APART}\u00ad", address=pasted)
    assert (dossier.applicant_name, dossier.address) == (f"{NAME} (con)", f"{NAME} (con)")
    assert dossier.summary == f"Dòng một\n{NAME}"
    assert Dossier.objects.matching("uoc con dong").get() == dossier


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("typed", REFUSED, ids=ascii)
def test_no_door_takes_what_turns_or_controls(door: str, typed: str) -> None:
    with pytest.raises(ValidationError, match=r"ký tự điều khiển|ký tự ẩn|null|không"):
        DOORS[door](applicant_name=typed)


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_a_name_of_nothing_that_is_seen_is_no_name(door: str) -> None:
    with pytest.raises(ValidationError):
        DOORS[door](applicant_name="\u200b\u3164\u00a0\ufeff")


@pytest.mark.django_db
@pytest.mark.parametrize(("written", "plain"), FOUND, ids=ascii)
def test_what_is_written_is_found_by_its_plain_letters(written: str, plain: str) -> None:
    people.a_dossier(applicant_name="Người Khác")
    dossier = people.a_dossier(applicant_name=written)
    assert words_of(written) == plain.split()
    assert Dossier.objects.matching(plain).get() == dossier
    assert Dossier.objects.matching(written).get() == dossier
    procedure = people.a_procedure(code="9.9", name=f"Thủ tục {written}")
    assert list(Procedure.objects.matching(plain)) == [procedure]


# Any text there is, with more of what goes wrong than chance would bring.
ODD = st.sampled_from([*(typed for typed, _kept in (*KEPT, *KEPT_IN_LINES)), *(written for written, _plain in FOUND)])
ANY_TEXT = st.lists(st.text(st.characters(codec="utf-8"), max_size=20) | ODD, min_size=1, max_size=3).map("".join)


@pytest.mark.django_db
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANY_TEXT)
def test_any_text_typed_comes_out_composed_and_is_found_again_by_its_plain_letters(text: str) -> None:
    dossier = people.a_new_dossier(applicant_name=text[:400])
    try:
        lifecycle.receive(dossier, people.lan())
    except InputRefused:
        # Hidden, or nothing to see: refused, not kept.
        return
    kept = Dossier.objects.get(pk=dossier.pk).applicant_name
    assert kept == dossier.applicant_name == unicodedata.normalize("NFC", kept) == tidy_line(kept)
    assert [letter for letter in kept if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")] == []
    words = words_of(kept)
    assert words == words_of(" ".join(words)) == words_of(text[:400])
    if words:
        assert dossier in Dossier.objects.matching(" ".join(words))
        assert dossier in Dossier.objects.matching(kept.upper())


@given(text=ANY_TEXT)
def test_tidying_twice_is_tidying_once(text: str) -> None:
    for tidy in (tidy_line, tidy_lines):
        assert tidy(tidy(text)) == tidy(text)
    assert without_accents(without_accents(text)) == without_accents(text)


@pytest.mark.django_db
def test_a_catalogue_that_others_published_is_mended_and_not_refused(tmp_path: Path) -> None:
    agency = {"code": "H22", "name": f"\ufeff{APART}\u200e\u202a\u00a0tỉnh", "parent_code": None, "level": "province"}
    for name, rows in (("agencies", [agency]), ("fields", []), ("procedures", [])):
        (tmp_path / f"{name}.json").write_text(json.dumps(rows))
    call_command("import_catalog", tmp_path)
    assert Agency.objects.get().name == f"{NAME} tỉnh"


@pytest.mark.django_db
def test_what_reaches_a_row_past_every_form_is_mended_all_the_same() -> None:
    paper = Paper(name=f"{APART}\u200b\r\nbản sao")
    dossier = people.a_new_dossier(applicant_name=APART)
    lifecycle.receive(dossier, people.lan(), papers=[paper])
    lifecycle.ask_supplement(dossier, people.lan(), comment=f"Thiếu {APART}\u00a0")
    assert dossier.papers.get().name == paper.name == f"{NAME}\nbản sao"
    assert Supplement.objects.get().request == f"Thiếu {NAME}"
    Dossier.objects.update(applicant_note=f"{APART}\ufeff")
    assert Dossier.objects.get(applicant_note=APART).applicant_note == NAME


# ---- nobody forgets the boundary

# Text that nobody types, or that is no text: how it is written decides what it means.
OTHERWISE = {
    "catalog.Agency.path",
    "catalog.Agency.owner_digits",
    "catalog.Placement.path",
    "catalog.Procedure.search",
    "catalog.Commune.search",
    "catalog.FormerCommune.search",
    "statistics.HallScreen.token",
    "dossiers.Dossier.token",
    "dossiers.Dossier.search",
    "dossiers.PrintedForm.kind",
    "dossiers.PrintedForm.sha256",
    "dossiers.Attachment.name",
    "dossiers.Attachment.sha256",
    "dossiers.DailySequence.identifier",
    "staff.User.username",
    "staff.User.password",
    "staff.User.email",
    "staff.SavedList.query",
    "staff.Brake.key",
    "staff.SignIn.network",
    "staff.SignIn.mark",
    "partners.IdempotentReply.key",
    "partners.IdempotentReply.fingerprint",
    "partners.IdempotentReply.content_type",
    "partners.IdempotentReply.location",
    "partners.IdempotentReply.etag",
    "batches.Item.said",
    "packets.Portal.code",
    "packets.Portal.client_secret",
    "packets.Portal.old_secrets",
    "staff.StaffSession.session_key",
    "staff.StaffSession.session_data",
    # What a browser says of itself: shown only as the names that `device_in_words` knows.
    "staff.StaffSession.agent",
    "staff.User.search",
    "packets.PortalChange.code",
    "packets.DeliveryState.token",
    "packets.DeliveryState.seal",
    "packets.Packet.stream",
    "packets.Packet.body",
    "packets.Attempt.digest",
    "packets.Attempt.seal",
    # What a receiver answered: `packets.asking.beginning` cuts it, and a seal proves it letter by letter.
    "packets.Attempt.reply",
    "packets.Packet.detail",
    "packets.DeliveryState.last_failure",
}
APPS = ("catalog", "staff", "partners", "dossiers", "batches", "votes", "statistics", "packets")


def columns() -> Iterator[models.Field[Any, Any]]:
    for app in APPS:
        for model in apps.get_app_config(app).get_models():
            for column in model._meta.concrete_fields:
                if isinstance(column, models.CharField | models.TextField) and not column.choices:
                    yield column


def test_every_column_of_text_is_one_that_mends() -> None:
    loose = {str(column) for column in columns() if not isinstance(column, Tidied)}
    assert loose - OTHERWISE == set()
    assert OTHERWISE - loose == set()


def form_classes(among: type[forms.BaseForm] = forms.BaseForm) -> Iterator[type[forms.BaseForm]]:
    for form in among.__subclasses__():
        if form.__module__.startswith(("onestop.", "packets.")):
            yield form
        yield from form_classes(form)


def admin_forms() -> Iterator[type[forms.BaseForm]]:
    request = RequestFactory().get("/")
    request.user = people.root()
    for its_admin in admin.site._registry.values():
        is_ours = its_admin.__module__.startswith(("onestop.", "packets."))
        if is_ours and (its_admin.has_change_permission(request) or its_admin.has_add_permission(request)):
            yield its_admin.get_form(request, None, change=False)
            # Those that only show take nothing in.
            for inline in its_admin.get_inline_instances(request):
                if inline.has_change_permission(request):
                    yield inline.get_formset(request).form


# Secrets are kept to the letter, a list's address is none of its reader's, and accounts' names Django judges.
NOT_TEXT = {
    "username",
    "client_secret",
    "password",
    "password1",
    "password2",
    "old_password",
    "new_password1",
    "new_password2",
    "query",
    "usable_password",
    "asked_back",
}


def typed_fields() -> Iterator[tuple[str, forms.CharField]]:
    # Reads every module of views, and with it every form.
    assert get_resolver().url_patterns
    for form in {*form_classes(), *admin_forms()}:
        for name, field in form.base_fields.items():  # type: ignore[attr-defined] # the stubs know instances alone
            if isinstance(field, forms.CharField) and name not in NOT_TEXT and not isinstance(field, forms.JSONField):
                yield f"{form.__module__}.{form.__qualname__}.{name}", field


@pytest.mark.django_db
def test_every_field_of_every_form_composes_and_refuses() -> None:
    fields = list(typed_fields())
    assert len(fields) > 40
    pasted = (f"{APART}\u200b", f"\ufeff{NAME}\u00a0", "x\u200b@example.vn")
    loose = [name for name, field in fields if not all(is_tidy_or_refused(field, typed) for typed in pasted)]
    assert loose == []
    assert [name for name, field in fields if not is_refused(field, "a\u202eb")] == []


def is_refused(field: forms.CharField, typed: str) -> bool:
    try:
        field.clean(typed)
    except ValidationError:
        return True
    return False


def is_tidy_or_refused(field: forms.CharField, typed: str) -> bool:
    try:
        kept = field.clean(typed)
    except ValidationError:
        return True
    return bool(kept) and kept == tidy_line(kept)


def serializer_classes(among: type[Any] = Strict) -> Iterator[type[Any]]:
    for serializer in among.__subclasses__():
        if serializer.__module__.startswith(("onestop.", "packets.")):
            yield serializer
        yield from serializer_classes(serializer)


def test_every_text_of_every_call_is_read_as_a_line_or_as_lines() -> None:
    assert get_resolver().url_patterns  # loads the views, and so the serializers of all calls
    read = [
        (f"{serializer.__qualname__}.{name}", field)
        for serializer in serializer_classes()
        for name, field in serializer().fields.items()
        if isinstance(field, serializers.CharField) and not field.read_only
    ]
    assert len(read) > 20
    assert [name for name, field in read if not isinstance(field, LineInput)] == []
