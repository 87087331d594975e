"""The desk's printing: who may print, who may read, and what the browser gets."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from onestop.catalog.models import Agency
from onestop.dossiers import lifecycle
from onestop.dossiers.documents import FormKind, print_form
from onestop.dossiers.documents.forms import apology, control_slip, receipt
from onestop.dossiers.documents.views import printing_context
from onestop.dossiers.models import Dossier, PrintedForm, State
from onestop.staff.models import User
from tests import people

pytestmark = pytest.mark.django_db


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address_to_print(dossier: Dossier, kind: FormKind = receipt.KIND) -> str:
    return reverse("dossiers:print", args=[dossier.uuid, kind, dossier.transitions.order_by("-pk")[0].pk])


def a_print(dossier: Dossier) -> PrintedForm:
    transition = dossier.transitions.order_by("-pk")[0]
    return print_form(dossier, receipt.KIND, transition, people.lan())


def address_of(printed: PrintedForm) -> str:
    return reverse("dossiers:printed", args=[printed.dossier.uuid, printed.pk])


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_press_of_the_button_prints_and_leads_to_the_paper() -> None:
    dossier, client = people.a_dossier(), as_(people.lan())
    answer = client.post(address_to_print(dossier), follow=True)
    printed = PrintedForm.objects.get()
    assert answer.redirect_chain == [(address_of(printed), 302)]
    assert printed.printed_by == "Nguyễn Thị Lan"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'inline; filename="{dossier.code}-receipt.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    shown = content(answer)
    assert people.sha256_of(shown) == printed.sha256
    assert content(client.post(address_to_print(dossier), follow=True)) == shown
    assert PrintedForm.objects.count() == 1


def test_looking_does_not_print() -> None:
    dossier = people.a_dossier()
    assert as_(people.lan()).get(address_to_print(dossier)).status_code == 405
    assert not PrintedForm.objects.exists()


def test_another_site_cannot_make_the_desk_print() -> None:
    dossier = people.a_dossier()
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.lan())
    assert client.post(address_to_print(dossier)).status_code == 403
    assert not PrintedForm.objects.exists()


def test_who_does_not_see_the_dossier_neither_prints_nor_reads() -> None:
    dossier = people.a_dossier()
    printed = a_print(dossier)
    outsider = as_(people.minh())
    assert outsider.post(address_to_print(dossier, control_slip.KIND)).status_code == 404
    assert outsider.get(address_of(printed)).status_code == 404
    assert PrintedForm.objects.count() == 1
    # Handed over to his unit, it is his to print.
    lifecycle.hand_over(dossier, people.lan(), unit=people.department())
    assert outsider.post(address_to_print(dossier, control_slip.KIND)).status_code == 302


def test_strangers_are_asked_to_sign_in() -> None:
    dossier = people.a_dossier()
    for answer in (Client().post(address_to_print(dossier)), Client().get(address_of(a_print(dossier)))):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("sign-in"))


@pytest.mark.parametrize("reader", [people.thanh, people.tu])
def test_auditors_and_operators_read_but_do_not_print(reader: Callable[[], User]) -> None:
    dossier, client = people.a_dossier(), as_(reader())
    assert client.post(address_to_print(dossier)).status_code == 403
    assert not PrintedForm.objects.exists()
    assert content(client.get(address_of(a_print(dossier)))).startswith(b"%PDF-")


def test_a_form_that_does_not_suit_the_move_is_explained() -> None:
    dossier = people.a_dossier()
    answer = as_(people.lan()).post(address_to_print(dossier, apology.KIND), follow=True)
    assert answer.redirect_chain == [(reverse("dossiers:detail", args=[dossier.uuid]), 302)]
    assert "không dành cho thao tác" in answer.content.decode()
    assert not PrintedForm.objects.exists()


def test_what_there_is_not_is_not_found() -> None:
    dossier, other, client = people.a_dossier(), people.a_dossier(), as_(people.lan())
    theirs = other.transitions.order_by("-pk")[0].pk
    for arguments in (
        [dossier.uuid, "khong-co", dossier.transitions.order_by("-pk")[0].pk],
        [dossier.uuid, receipt.KIND, theirs],
        [dossier.uuid, receipt.KIND, 10**30],
        [uuid.uuid4(), receipt.KIND, theirs],
    ):
        assert client.post(reverse("dossiers:print", args=arguments)).status_code == 404
    printed = a_print(other)
    for dossier_uuid, pk in ((dossier.uuid, printed.pk), (other.uuid, 10**30), (uuid.uuid4(), printed.pk)):
        assert client.get(reverse("dossiers:printed", args=[dossier_uuid, pk])).status_code == 404


def test_a_paper_whose_file_is_gone_is_not_found() -> None:
    printed = a_print(people.a_dossier())
    printed.file.storage.delete(printed.file.name or "")
    assert as_(people.lan()).get(address_of(printed)).status_code == 404


# ---- the part of the dossier's page


def shown_to(person: User, dossier: Dossier) -> str:
    """The part, with its spaces and line breaks evened out."""
    part = render_to_string("dossiers/printing.html", {"dossier": dossier, **printing_context(dossier, person)})
    return re.sub(r"\s+", " ", part)


def test_what_is_not_printed_yet_is_a_button_and_what_is_a_link() -> None:
    dossier = people.a_dossier()
    before = shown_to(people.lan(), dossier)
    assert f'action="{address_to_print(dossier, receipt.KIND)}"' in before
    assert f'action="{address_to_print(dossier, control_slip.KIND)}"' in before
    assert "In giấy tiếp nhận và hẹn trả</button>" in before
    printed = a_print(dossier)
    after = shown_to(people.lan(), dossier)
    assert address_to_print(dossier, receipt.KIND) not in after
    assert address_to_print(dossier, control_slip.KIND) in after
    assert f'href="{address_of(printed)}"' in after
    assert "Nguyễn Thị Lan in lúc" in after


def test_after_a_change_of_the_set_the_form_is_offered_again() -> None:
    dossier = people.a_dossier()
    a_print(dossier)
    dossier.agency.form_set = Agency.FormSet.TT01_2018
    forms = printing_context(dossier, people.lan())["forms"]
    assert [offer.kind for offer in forms.offers] == [receipt.KIND, control_slip.KIND]
    assert [shown.kind for shown in forms.prints] == [receipt.KIND]


def test_an_auditor_sees_prints_and_no_button() -> None:
    dossier = people.a_dossier()
    assert "<section" not in shown_to(people.thanh(), dossier)
    printed = a_print(dossier)
    part = shown_to(people.thanh(), dossier)
    assert address_of(printed) in part
    assert "<button" not in part


def test_a_dossier_that_has_no_form_shows_nothing() -> None:
    assert "<section" not in shown_to(people.lan(), people.a_dossier_in(State.REGISTERED))
