"""What holds for every page of the desk: its policy, its errors, its languages."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import translation

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Move
from tests import people
from tests.dossiers.desk_pages import LIST, as_, detail_of, move_page, page, receive

pytestmark = pytest.mark.django_db


def test_every_page_keeps_to_the_strict_content_policy() -> None:
    dossier = people.a_dossier(procedure=people.a_procedure_with_papers_and_fees())
    client = as_(people.ha())
    addresses = [LIST, detail_of(dossier), reverse("dossiers:procedure-search"), "/dossiers/receive/2.000488/"]
    addresses += [move_page(dossier, move) for move in lifecycle.possible_moves(dossier, people.ha())]
    for address in addresses:
        answer = client.get(address)
        shown = answer.content.decode()
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        assert "unsafe-inline" not in answer["Content-Security-Policy"]
        assert "style=" not in shown
        # Scripts are files of our own; none stands in the page.
        assert len(re.findall(r"<script\b", shown)) == len(
            re.findall(r'<script src="/static/[^"]+"[^>]* defer></script>', shown)
        )
        assert not re.search(r"<[^>]+\son[a-z]+=", shown)


def test_an_input_in_error_names_its_error() -> None:
    shown = receive(people.a_procedure(), applicant_name="").content.decode()
    assert 'aria-invalid="true" aria-describedby="id_applicant_name_error"' in shown
    assert 'id="id_applicant_name_error"' in shown


def test_help_and_error_both_describe_their_input() -> None:
    dossier = people.a_dossier()
    answer = as_(people.ha()).post(move_page(dossier, Move.DENY), {"comment": ""})
    assert 'aria-describedby="id_comment_helptext id_comment_error"' in answer.content.decode()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_pages_are_shown_in_either_language(language: str) -> None:
    client = as_(people.ha())
    client.post(reverse("set_language"), {"language": language, "next": LIST})
    people.a_dossier()
    assert f'<html lang="{language}">' in page(client, LIST)
    translation.activate("vi")
