"""Pages are sent compressed to who can read that, and nothing else is."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client
from django.urls import reverse

from tests import people

pytestmark = pytest.mark.django_db


def test_a_page_is_a_third_of_its_size_at_most_and_whole() -> None:
    client = Client()
    client.force_login(people.lan(), "django.contrib.auth.backends.ModelBackend")
    plain = client.get(reverse("dossiers:list"))
    sent = client.get(reverse("dossiers:list"), headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain
    assert sent["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in sent["Vary"]
    assert len(sent.content) < len(plain.content) / 3
    assert gzip.decompress(sent.content).decode().rstrip().endswith("</html>")


@pytest.mark.parametrize("address", ["/dossiers.xlsx", "/dossiers.csv", "/api/v1/"])
def test_files_and_answers_to_partners_are_sent_as_they_are(address: str) -> None:
    client = Client()
    client.force_login(people.lan(), "django.contrib.auth.backends.ModelBackend")
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.getvalue()
    assert not answer["Content-Type"].startswith("text/html")
    assert "Content-Encoding" not in answer
