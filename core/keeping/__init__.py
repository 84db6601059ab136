"""Runs kept in a private repository of the Hub, and brought back from there."""
