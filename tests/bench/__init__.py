"""Benchmarks: what is claimed of speed, measured side by side with the stock script; one table, and the same as JSON.

Run as: ``make bench`` or ``python -m tests.bench [NAME ...] [--pairs N] [--data FOLDER] [--out FILE.json]``; how it is
measured stands in docs/speed.md.
"""
