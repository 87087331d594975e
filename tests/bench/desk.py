"""`make bench-desk`: what every page asks of the database and how long it takes, with a million dossiers.

Pages are opened through the whole office, middleware and all, by each who sees them, and by those who see a department
and the whole province. Ends with 1 when one takes more than it may. `KEEP=1` keeps the database for the next time.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

import django

from .database import own_database
from .measuring import Result, milliseconds, say, seconds, told

if TYPE_CHECKING:
    from django.test import Client

    from .desk_questions import Question

SERVER = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
MOST_QUERIES, MOST_MILLISECONDS, MOST_TO_FIND = 12, 150, 100
OPENED = 20
# What takes so long that there is no doubt is opened less often.
LONG, OPENED_IF_LONG = 0.5, 3


class Taken:
    """What one page took whenever it was opened."""

    def __init__(self, client: Client, question: Question) -> None:
        self.question = question
        self.queries = 0
        first, again = (self._open(client) for _warming_up in range(2))
        times = OPENED if min(first, again) < LONG else OPENED_IF_LONG
        taken = [1000 * self._open(client) for _time in range(times)]
        self.p50, self.p95 = median(taken), quantiles(taken, n=20, method="inclusive")[-1]

    def _open(self, client: Client) -> float:
        from django.db import connection

        self.queries = 0
        answer: Any = None

        def counted(execute: Any, *arguments: Any) -> Any:
            self.queries += 1
            return execute(*arguments)

        def ask() -> None:
            nonlocal answer
            answer = self.question.asked_by(client)

        with connection.execute_wrapper(counted):
            took = seconds(ask)
        if answer.status_code != self.question.status:
            raise RuntimeError(f"{self.question.name}: {answer.status_code}")
        return took

    @property
    def is_too_much(self) -> bool:
        most = MOST_TO_FIND if self.question.is_search else MOST_MILLISECONDS
        return self.queries > MOST_QUERIES or self.p95 > most

    def __str__(self) -> str:
        asked = f"{self.question.name:70} {self.question.who:9} {self.queries:3} queries"
        told = f"{asked} {self.p50:8.1f} {self.p95:8.1f} ms"
        return f"{told}  MISSED" if self.is_too_much else told


def measure(only: str) -> Iterator[Taken]:
    from django.test import Client

    from onestop.staff.models import User

    from .desk_questions import questions

    clients = {"": Client(SERVER_NAME="127.0.0.1")}
    for question in questions():
        if only not in question.name:
            continue
        if question.who not in clients:
            clients[question.who] = Client(SERVER_NAME="127.0.0.1")
            user = User.objects.get(username=question.who)
            clients[question.who].force_login(user, "django.contrib.auth.backends.ModelBackend")
        yield Taken(clients[question.who], question)


def many_at_once() -> Iterator[Result]:
    """As many dossiers as may be chosen at once, handed over within the province as its page does it."""
    from django.db.models import Count
    from django.test import Client
    from django.urls import reverse

    from onestop.batches.models import Batch
    from onestop.batches.runner import MOST, propose
    from onestop.dossiers.models import Dossier, Move, State
    from onestop.staff.models import User

    manager = User.objects.get(username="ha.tinh")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(manager, "django.contrib.auth.backends.ModelBackend")
    running = Dossier.objects.filter(state__in=(State.ACCEPTED, State.IN_PROGRESS)).order_by("pk")
    yield Result(f"choosing {MOST:,}", seconds(lambda: propose(manager, Move.HAND_OVER, running[:MOST])), "s")
    batch = Batch.objects.filter(user=manager).latest("pk")
    page, go_on = (reverse(f"batches:{name}", args=[batch.uuid]) for name in ("batch", "go-on"))
    yield Result("their preview", milliseconds(lambda: client.get(page)), "ms", most=MOST_MILLISECONDS)
    client.post(page, {"unit": running[0].agency_id, "comment": "Chuyển về một nơi"})
    slices = []
    while Batch.objects.filter(pk=batch.pk, ended_at=None).exists():
        slices.append(seconds(lambda: client.post(go_on, headers={"HX-Request": "true"})))
    outcomes = batch.items.values_list("outcome").annotate(Count("pk"))
    yield Result(f"handing them over: {dict(outcomes)}", sum(slices), "s")
    yield Result("the longest that the page waits to tell how far it is", max(slices), "s")
    yield Result("the page of results", milliseconds(lambda: client.get(page)), "ms", most=MOST_MILLISECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(description="What every page takes with very many dossiers.")
    parser.add_argument("--dossiers", type=int, default=1_000_000)
    parser.add_argument("--only", default="", metavar="WORD", help="pages whose name holds it")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="onestop-bench-") as folder,
        own_database(SERVER, "onestop_bench_desk") as there,
    ):
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "tests.settings", "LOG_LEVEL": "ERROR"}
        # What one run sealed, the next must be able to read.
        os.environ["SECRET_KEY"] = "of the bench’s own database, which holds nothing real"
        django.setup()
        if not there:
            from django.utils import timezone

            from .desk_office import make_office

            make_office(options.dossiers, timezone.now(), say)
        pages = missed = 0
        for taken in measure(options.only):
            print(taken, flush=True)
            pages += 1
            missed += taken.is_too_much
        missed += told(many_at_once()) if not options.only else 0
        bounds = f"{MOST_QUERIES} queries or {MOST_MILLISECONDS} ms ({MOST_TO_FIND} to find)"
        print(f"{pages} pages, {missed} take more than {bounds}")
        from django.db import connection

        connection.close()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
