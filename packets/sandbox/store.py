"""The ledger: every request in order of arrival, in a SQLite file of the sandbox's own."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from threading import RLock

ACCEPTED, REPEATED, REFUSED = "accepted", "repeated", "refused"
OUTCOMES = (ACCEPTED, REPEATED, REFUSED)

# The table itself allows one acceptance per key, because two sandboxes may share a file.
TABLES = """
CREATE TABLE IF NOT EXISTS arrival (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    received TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    digest TEXT NOT NULL,
    body TEXT,
    status INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'repeated', 'refused')),
    message TEXT NOT NULL,
    mischief TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX IF NOT EXISTS one_acceptance_per_key ON arrival (key)
    WHERE outcome = 'accepted' AND key <> '' AND kind <> 'token';
CREATE INDEX IF NOT EXISTS accepted_document ON arrival (code)
    WHERE outcome = 'accepted' AND kind = 'document';
CREATE INDEX IF NOT EXISTS by_code ON arrival (code, number);
CREATE INDEX IF NOT EXISTS by_kind ON arrival (kind, outcome);
"""


@dataclass(frozen=True)
class Arrival:
    """One request and the answer to it.

    `digest` is of the body as it came; `body` is its JSON with the content of each attachment replaced by
    `sha256:<digest>:<size>`. A text that a request lacks is "", a missing body is None.

    `mischief` is the step of the plan that it got. Then `status` and `message` are what the portal meant to answer,
    which the client need not have received; status 0 is a request that was not read.
    """

    received: str
    method: str
    path: str
    status: int
    outcome: str
    message: str
    key: str = ""
    kind: str = ""
    code: str = ""
    digest: str = ""
    body: str | None = None
    mischief: str = ""
    number: int = 0


WITHOUT_BODY = ", ".join(field.name for field in fields(Arrival) if field.name != "body")


class Ledger:
    """One connection that all threads share, one at a time."""

    def __init__(self, path: Path) -> None:
        self._lock = RLock()
        self._database = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self._database.row_factory = sqlite3.Row
        self._database.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {TABLES}")
        # The column was added later; a file from before lacks it.
        with self.transaction():
            if not self._rows("SELECT 1 FROM pragma_table_info('arrival') WHERE name = 'mischief'"):
                self._database.execute("ALTER TABLE arrival ADD COLUMN mischief TEXT NOT NULL DEFAULT ''")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Locks the ledger, for other processes as well: what is read inside holds until the new row is committed."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def add(self, arrival: Arrival) -> None:
        with self._lock:
            self._database.execute(
                "INSERT INTO arrival"
                " (received, method, path, key, kind, code, digest, body, status, outcome, message, mischief)"
                " VALUES (:received, :method, :path, :key, :kind, :code, :digest, :body,"
                " :status, :outcome, :message, :mischief)",
                asdict(arrival),
            )

    def accepted_with(self, key: str) -> Arrival | None:
        """The arrival that was accepted under this idempotency key."""
        rows = self._arrivals(
            "SELECT * FROM arrival WHERE outcome = 'accepted' AND key <> '' AND kind <> 'token' AND key = :key",
            key=key,
        )
        return rows[0] if rows else None

    def knows(self, code: str) -> bool:
        """Whether a document with this dossier code was ever accepted."""
        return bool(
            self._rows(
                "SELECT 1 FROM arrival WHERE outcome = 'accepted' AND kind = 'document' AND code = :code LIMIT 1",
                code=code,
            )
        )

    def get(self, number: int) -> Arrival | None:
        rows = self._arrivals("SELECT * FROM arrival WHERE number = :number", number=number)
        return rows[0] if rows else None

    def after(self, number: int, limit: int, *, bodies: bool) -> list[Arrival]:
        """Arrivals from the one after `number` on, oldest first."""
        columns = "*" if bodies else WITHOUT_BODY
        return self._arrivals(
            f"SELECT {columns} FROM arrival WHERE number > :number ORDER BY number LIMIT :limit",  # noqa: S608 ours
            number=number,
            limit=limit,
        )

    def latest(self, limit: int, *, before: int | None, kind: str, code: str) -> list[Arrival]:
        """Newest first, those before arrival `before`; an empty kind or code stands for all."""
        return self._arrivals(
            "SELECT * FROM arrival WHERE (:before IS NULL OR number < :before)"
            " AND (:kind = '' OR kind = :kind) AND (:code = '' OR code = :code)"
            " ORDER BY number DESC LIMIT :limit",
            before=before,
            kind=kind,
            code=code,
            limit=limit,
        )

    def counts(self) -> dict[tuple[str, str], int]:
        """How many arrivals there are of each kind and outcome."""
        rows = self._rows("SELECT kind, outcome, count(*) AS times FROM arrival GROUP BY kind, outcome")
        return {(row["kind"], row["outcome"]): row["times"] for row in rows}

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _arrivals(self, query: str, **values: str | int | None) -> list[Arrival]:
        return [Arrival(**dict(row)) for row in self._rows(query, **values)]

    def _rows(self, query: str, **values: str | int | None) -> list[sqlite3.Row]:
        with self._lock:
            return self._database.execute(query, values).fetchall()
