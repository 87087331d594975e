"""Several packets at once, over connections that are kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, BrokenBarrierError, Lock, Thread

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from packets.delivery.sender import THREADS
from tests import people
from tests.packets.portals import a_portal, collected
from tests.practice_portal import PATHS

from .test_sender import TOKEN, sent

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TOGETHER = 8


@pytest.fixture
def busy_server() -> Iterator[HTTPServer]:
    """Answers many at the same time."""
    server = HTTPServer(threaded=True)
    server.start()
    server.expect_request("/token").respond_with_json(TOKEN)
    yield server
    server.clear()
    server.stop()


def test_a_portal_that_takes_its_time_is_sent_several_packets_at_once(busy_server: HTTPServer) -> None:
    """None of them is answered before all are there."""
    barrier = Barrier(TOGETHER)

    def wait_for_the_others(_request: Request) -> Response:
        try:
            barrier.wait(10)
        except BrokenBarrierError:
            return Response(status=400)
        return Response(status=200)

    busy_server.expect_request(PATHS["document"]).respond_with_handler(wait_for_the_others)
    busy_server.expect_request(PATHS["trace"]).respond_with_json({"Status": 0})
    for _number in range(TOGETHER):
        people.a_dossier()
    portal = a_portal(busy_server.url_for("").rstrip("/"))
    collected(portal)
    delivered = sent(portal)
    assert (delivered.accepted, delivered.stopped) == (2 * TOGETHER, 0)


def test_no_more_are_with_the_portal_than_it_bears(busy_server: HTTPServer) -> None:
    lock, there, most = Lock(), [0], [0]

    def count(_request: Request) -> Response:
        with lock:
            there[0] += 1
            most[0] = max(most[0], there[0])
        barrier_of_two.wait(10)
        with lock:
            there[0] -= 1
        return Response(status=200)

    barrier_of_two = Barrier(2)
    for path in (PATHS["document"], PATHS["trace"]):
        busy_server.expect_request(path).respond_with_handler(count)
    for _number in range(4):
        people.a_dossier()
    portal = a_portal(busy_server.url_for("").rstrip("/"), most_in_flight=2)
    collected(portal)
    assert sent(portal).accepted == 8
    assert most[0] == 2


@contextmanager
def a_server_that_keeps_connections() -> Iterator[tuple[str, set[tuple[str, int]]]]:
    """Its address, and from where each connection came on which a packet arrived."""
    came: set[tuple[str, int]] = set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            is_token = self.path == "/token"
            if not is_token:
                came.add(self.client_address)
            reply = b'{"access_token": "t0", "expires_in": 3600}' if is_token else b'{"Status": 0}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_args: object) -> None:
            """Nobody reads it."""

    class Server(ThreadingHTTPServer):
        # All threads connect at once: where fewer may wait to be let in, some are turned away.
        request_queue_size = 2 * THREADS
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    listener = Thread(target=server.serve_forever, args=(0.05,))
    listener.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", came
    finally:
        server.shutdown()
        listener.join()
        server.server_close()


def test_connections_are_kept_from_packet_to_packet() -> None:
    with a_server_that_keeps_connections() as (address, came):
        for _number in range(2 * THREADS):
            people.a_dossier()
        portal = a_portal(address)
        collected(portal)
        assert sent(portal).accepted == 4 * THREADS
        assert 1 <= len(came) <= THREADS
