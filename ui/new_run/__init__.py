"""The walk to a new run: Data, Columns, Check (in ``look``), Model, Settings, Start.

``ui/pages/new_run.py`` joins them.
"""
