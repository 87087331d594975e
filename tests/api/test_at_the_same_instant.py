"""Identical creations at the same instant: one dossier each time, whichever way they meet."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse

from onestop.dossiers.models import Dossier, Transition
from tests import people

from .caller import Caller, a_request, read

TIMES = 50

pytestmark = pytest.mark.skipif(
    "postgres" not in settings.DATABASES["default"]["ENGINE"],
    reason="the tests' SQLite lives in memory and lets no two threads write: the PostgreSQL half shows this",
)


def together(*calls: Callable[[], HttpResponse]) -> list[HttpResponse]:
    """Made by as many threads, let go at once."""
    start = Barrier(len(calls))

    def made(call: Callable[[], HttpResponse]) -> HttpResponse:
        try:
            start.wait(timeout=30)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(made, calls))


@pytest.mark.django_db(transaction=True)
def test_two_identical_creations_at_the_same_instant_are_one_dossier_each_of_fifty_times() -> None:
    token = people.a_token(people.a_partner())
    for number in range(TIMES):
        body = a_request(external_id=f"LGSP-{number}")
        create = partial(Caller(token).post, "dossiers", body)
        answers = together(create, create)
        assert sorted(answer.status_code for answer in answers) == [200, 201]
        one, other = (read(answer, answer.status_code) for answer in answers)
        assert one == other
        assert Dossier.objects.filter(external_id=f"LGSP-{number}").count() == 1
    assert Dossier.objects.count() == TIMES
    assert Transition.objects.count() == 2 * TIMES
    numbers = sorted(int((code or "").rsplit("-", 1)[1]) for code in Dossier.objects.values_list("code", flat=True))
    assert numbers == list(range(1, TIMES + 1))


@pytest.mark.django_db(transaction=True)
def test_with_one_key_the_second_is_told_that_the_first_is_under_way_or_its_answer() -> None:
    token = people.a_token(people.a_partner())
    for number in range(TIMES):
        body = a_request(external_id=f"LGSP-{number}")
        key = f"key-{number}"
        create = partial(Caller(token).post, "dossiers", body, Idempotency_Key=key)
        answers = together(create, create)
        assert {answer.status_code for answer in answers} <= {201, 409}
        given = {answer.content for answer in answers if answer.status_code == 201}
        assert len(given) == 1
        assert Caller(token).post("dossiers", body, Idempotency_Key=key).content in given
    assert Dossier.objects.count() == TIMES
