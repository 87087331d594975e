"""One token for all workers, fetched by one of them."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from packets.delivery.tokens import valid_token
from packets.dialects.qd1705.client import PortalClient
from packets.http.client import PortalError
from packets.models import DeliveryState, Packet, Portal
from packets.models.reasons import Reason
from tests import people
from tests.packets.portals import a_portal, collected, in_time
from tests.practice_portal import PATHS

from .test_sender import sent

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def portal(httpserver: HTTPServer) -> Portal:
    """Gives out token-1, token-2, … for ten minutes each, and takes whatever comes with the last one."""
    given: list[str] = []

    def give(_request: Request) -> Response:
        given.append(f"token-{len(given) + 1}")
        return Response(f'{{"access_token": "{given[-1]}", "expires_in": 600}}', content_type="application/json")

    def take(request: Request) -> Response:
        known = [f"Bearer {token}" for token in given[-1:]]
        return Response(status=200 if request.headers["Authorization"] in known else 401)

    httpserver.expect_request("/token").respond_with_handler(give)
    for path in PATHS.values():
        httpserver.expect_request(path).respond_with_handler(take)
    return a_portal(httpserver.url_for("").rstrip("/"))


def token(portal: Portal) -> str:
    with closing(PortalClient()) as client:
        return valid_token(portal, client)


def test_workers_use_the_same_token_until_shortly_before_its_end(portal: Portal) -> None:
    now = timezone.now()
    with in_time(now):
        assert (token(portal), token(portal)) == ("token-1", "token-1")
    with in_time(now + timedelta(seconds=560)):
        assert token(portal) == "token-1"
    with in_time(now + timedelta(seconds=580)):
        assert token(portal) == "token-2"


def test_it_lies_sealed_in_the_table(portal: Portal) -> None:
    token(portal)
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM packets_deliverystate")
        assert "token-1" not in cursor.fetchone()[0]
    assert DeliveryState.objects.get().token == "token-1"


def test_many_packets_that_are_turned_away_with_an_old_token_fetch_one_new_one(
    portal: Portal, httpserver: HTTPServer
) -> None:
    for _number in range(5):
        people.a_dossier()
    collected(portal)
    DeliveryState.objects.update(token="token-0", token_until=timezone.now() + timedelta(hours=1))
    assert sent(portal).accepted == 10
    assert len([1 for request, _reply in httpserver.log if request.path == "/token"]) == 1
    assert set(Packet.objects.filter(kind="document").values_list("tries", flat=True)) == {2}
    assert DeliveryState.objects.get().failures == 0


def test_a_fetching_that_failed_is_tried_again_at_once_by_whoever_comes_next(
    portal: Portal, httpserver: HTTPServer
) -> None:
    Portal.objects.update(token_url=httpserver.url_for("/elsewhere"))
    httpserver.expect_request("/elsewhere").respond_with_data(status=503)
    with pytest.raises(PortalError) as failed:
        token(Portal.objects.get())
    assert (failed.value.reason, failed.value.permanent) == (Reason.SERVER_ERROR, False)
    Portal.objects.update(token_url=portal.token_url)
    assert token(portal) == "token-1"


def test_an_address_that_knows_no_token_stops_no_packet(portal: Portal, httpserver: HTTPServer) -> None:
    Portal.objects.update(token_url=httpserver.url_for("/nowhere"))
    people.a_dossier()
    collected(portal)
    assert sent(portal).retry == 1
    assert not Packet.objects.filter(state="stopped").exists()


@pytest.mark.django_db(transaction=True)
def test_workers_who_need_one_at_the_same_time_fetch_one(portal: Portal, httpserver: HTTPServer) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite is for one worker at a time; needs PostgreSQL")

    def of_a_worker(_number: int) -> str:
        try:
            return token(portal)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as workers:
        assert set(workers.map(of_a_worker, range(6))) == {"token-1"}
    assert len(httpserver.log) == 1
