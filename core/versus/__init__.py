"""Runs beside each other: on which rows they were judged, which is better, which answers changed, how each learned.

Light: asked in the app's process. Tables and statistics are imported inside functions.
"""
