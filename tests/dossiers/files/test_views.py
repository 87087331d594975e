"""Files looked at in the browser: those that it can show, within our own pages, by whoever may see the dossier."""

from __future__ import annotations

import pytest
from django.http import FileResponse
from django.test import Client
from django.urls import reverse

from onestop.dossiers.models import Dossier
from tests import people

pytestmark = pytest.mark.django_db

PICTURE = people.PNG + b"..."


def preview_of(dossier: Dossier, ordinal: int = 1) -> str:
    return reverse("dossiers:preview", args=[dossier.uuid, ordinal])


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("đơn.PDF", people.PDF, "application/pdf"),
        ("ảnh.png", PICTURE, "image/png"),
        ("ảnh.jpeg", b"\xff\xd8\xff", "image/jpeg"),
    ],
)
def test_what_a_browser_can_show_is_shown_within_our_own_pages_only(
    name: str, content: bytes, content_type: str, client: Client
) -> None:
    dossier = people.a_dossier(files=[people.a_file(name, content)])
    client.force_login(people.lan())
    answer = client.get(preview_of(dossier))
    assert isinstance(answer, FileResponse)
    assert answer.getvalue() == content
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    page = client.get(reverse("dossiers:detail", args=[dossier.uuid])).content.decode()
    assert f'src="{preview_of(dossier)}"' in page


def test_what_no_browser_shows_is_only_given_out_to_keep(client: Client) -> None:
    dossier = people.a_dossier(files=[people.a_file("bảng.tif", b"II*\x00")])
    client.force_login(people.lan())
    assert client.get(preview_of(dossier)).status_code == 404
    page = client.get(reverse("dossiers:detail", args=[dossier.uuid])).content.decode()
    assert preview_of(dossier) not in page
    kept = client.get(reverse("dossiers:attachment", args=[dossier.uuid, 1]))
    assert isinstance(kept, FileResponse)
    assert kept.getvalue() == b"II*\x00"
    assert kept.headers["Content-Disposition"].startswith("attachment")


def test_nobody_looks_at_a_file_of_a_dossier_that_they_may_not_see(client: Client) -> None:
    dossier = people.a_dossier(files=[people.a_file()])
    client.force_login(people.minh())
    assert client.get(preview_of(dossier)).status_code == 404
