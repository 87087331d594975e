"""Whether a PostgreSQL answers at the address given as argument: exit code 0 if it does."""

import sys

import psycopg2

if __name__ == "__main__":
    try:
        psycopg2.connect(sys.argv[1], connect_timeout=3).close()
    except psycopg2.OperationalError as error:
        sys.exit(f"{error}".strip())
