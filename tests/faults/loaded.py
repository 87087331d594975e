"""Imported once, by the process that all others are forked from."""

from . import processes

processes.load()

from . import naive, portal, worker, writer

__all__ = ["naive", "portal", "worker", "writer"]
