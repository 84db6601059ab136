"""Benchmarks: figures measured side by side in one run, printed as one JSON object and as words.

Run as: ``make bench`` or ``python -m tests.bench [start] [overhead] [tick] [pages]``
"""
