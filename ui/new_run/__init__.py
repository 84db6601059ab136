"""The walk to a new run, one file a step: Data, Columns, Model, Settings, Start. ``ui/pages/new_run.py`` joins them."""
