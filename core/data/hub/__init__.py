"""Datasets of the Hugging Face Hub: found, looked at before they are fetched, fetched, kept as tables like all others.

What needs the ``datasets`` library runs in a process of its own (``child``); the app only talks to it.
"""
