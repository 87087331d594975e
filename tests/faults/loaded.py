"""Imported once, by the process that all others are forked from."""

from importlib import import_module

from . import processes

processes.load()
for name in ("naive", "portal", "worker", "writer"):
    import_module(f"tests.faults.{name}")
