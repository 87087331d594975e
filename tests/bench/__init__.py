"""Measurements on millions of dossiers, each a command of its own. Nothing here is a test."""
