"""The office's settings, with one endpoint more."""

from onestop.settings import *  # noqa: F403 the same office

ROOT_URLCONF = "tests.bench.tutorial"
