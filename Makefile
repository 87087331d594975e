# `make run` and `make test` need Python 3.11 or later and make, nothing else.
PYTHON ?= python3
BIN := .venv/bin
TEST_DATABASE_URL ?= postgres://postgres@127.0.0.1:5432/postgres

# What every process would have to compile anew is kept, whatever the shell says: tests start many.
export PYTHONDONTWRITEBYTECODE :=
QUICK := not long and not browser
COSTING := $(BIN)/python tests/costing.py $(MAKE) --no-print-directory

.PHONY: run test test-divided test-both test-long test-browser test-pages screenshots bench-statistics bench-delivery bench-api bench-desk test-faults test-api-fuzz test-schemathesis test-clients test-upgrade lint lint-contract openapi messages clean

run: .venv/run
	$(BIN)/python manage.py run_demo

# All tests once, what touches the database on PostgreSQL; on SQLite what could differ there (docs/testing.md).
test: .venv/dev
	@$(COSTING) lint test-divided

test-divided: .venv/dev
	@if $(BIN)/python tests/postgresql_answers.py "$(TEST_DATABASE_URL)"; then \
		$(BIN)/pytest -n 2 -m "(both_databases or not django_db) and $(QUICK)" && \
		DATABASE_URL="$(TEST_DATABASE_URL)" $(BIN)/pytest -n 2 -m "django_db and $(QUICK)" && echo "PostgreSQL: tested"; \
	else \
		$(BIN)/pytest -n 2 -m "$(QUICK)" && echo "PostgreSQL: NOT tested, none answers at TEST_DATABASE_URL"; \
	fi

# Before a release: whatever touches the database on both, to the last test.
test-both: .venv/dev
	$(BIN)/pytest -n 2 -m "$(QUICK)"
	DATABASE_URL="$(TEST_DATABASE_URL)" $(BIN)/pytest -n 2 -m "django_db and $(QUICK)"

test-long: .venv/dev
	$(BIN)/pytest -m long

# Every page in a real browser, and the day's work done there; needs Debian's chromium-headless-shell or chromium.
test-browser: .venv/dev
	@$(COSTING) test-pages

test-pages: .venv/dev
	$(BIN)/pytest -n 2 --dist worksteal tests/browser

# The pictures of docs/images.
screenshots: .venv/dev
	$(BIN)/python -m tests.browser.screenshots

# Delivery while everything goes wrong: real processes are killed, disconnected, misinformed. SEED=123: that one alone.
SCHEDULES ?= 300
test-faults: .venv/dev
	TEST_DATABASE_URL="$(TEST_DATABASE_URL)" $(BIN)/python -m tests.faults --schedules $(SCHEDULES) $(if $(SEED),--seed $(SEED))

# The partner API called with whatever its description allows and forbids. SEED=7: the same calls again.
CALLS ?= 20000
test-api-fuzz: .venv/dev
	TEST_DATABASE_URL="$(TEST_DATABASE_URL)" $(BIN)/python -m tests.fuzz --calls $(CALLS) $(if $(SEED),--seed $(SEED))

# schemathesis by itself, all its phases and checks, on the same contract. It ends within an hour, and calls 127.0.0.1 alone.
test-schemathesis: .venv/dev
	TEST_DATABASE_URL="$(TEST_DATABASE_URL)" $(BIN)/python -m tests.fuzz.standard --calls $(CALLS) $(if $(SEED),--seed $(SEED))

# Clients that three generators make of the contract, on whole journeys; needs node and the registries. CLIENT=hey-api: it alone.
test-clients: .venv/dev
	$(BIN)/python -m tests.clients $(if $(CLIENT),--client $(CLIENT))

# The contract judged by Redocly and by Spectral: no error and no warning. Needs node and the registries.
lint-contract: .venv/dev
	$(BIN)/python -m tests.clients --lint

# Two million dossiers in a database of its own: takes a quarter of an hour. KEEP=1 keeps it for the next time.
bench-statistics: .venv/dev
	TEST_DATABASE_URL="$(TEST_DATABASE_URL)" $(BIN)/python -m tests.bench.figures $(BENCH_OPTIONS)

# How fast packets leave, beside a bare loop and a naive sender; a backlog of 200,000: takes ten minutes.
bench-delivery: .venv/dev
	TEST_DATABASE_URL="$(TEST_DATABASE_URL)" $(BIN)/python -m tests.bench.delivery $(BENCH_OPTIONS)

# How long partners wait, with ten thousand dossiers and with a million: takes ten minutes. KEEP=1 keeps the million.
bench-api: .venv/dev
	TEST_DATABASE_URL="$(TEST_DATABASE_URL)" $(BIN)/python -m tests.bench.api $(BENCH_OPTIONS)

# What every page takes with a million dossiers: a quarter of an hour or two. KEEP=1 keeps the database.
bench-desk: .venv/dev
	TEST_DATABASE_URL="$(TEST_DATABASE_URL)" $(BIN)/python -m tests.bench.desk $(BENCH_OPTIONS)

# An office of an earlier version brought up to this one: what was mended, what was not, that nothing is lost.
BEFORE ?= e43aa93
DOSSIERS ?= 20000
test-upgrade: .venv/dev
	$(BIN)/python -m tests.bench.upgrade --before $(BEFORE) --dossiers $(DOSSIERS)
	@if $(BIN)/python tests/postgresql_answers.py "$(TEST_DATABASE_URL)"; then \
		$(BIN)/python -m tests.bench.upgrade --before $(BEFORE) --dossiers $(DOSSIERS) --server "$(TEST_DATABASE_URL)"; \
	else \
		echo "PostgreSQL: NOT tested, none answers at TEST_DATABASE_URL"; \
	fi

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy onestop packets tests
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level WARNING

# After a change of the partner contract.
openapi: .venv/dev
	$(BIN)/python manage.py spectacular --lang vi --validate --fail-on-warn --file onestop/api/openapi.yaml

# After a change of wording: gathers it for the translators, and compiles what they wrote. Needs GNU gettext.
messages: .venv/dev
	$(BIN)/django-admin makemessages --locale en --ignore .venv --ignore var --ignore tests --no-location --no-obsolete
	$(BIN)/django-admin compilemessages --locale en --locale vi --ignore .venv

.venv/run: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/dev: .venv/run requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

clean:
	rm -rf .venv var
