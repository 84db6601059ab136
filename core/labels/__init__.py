"""Labels that are probably wrong: found by models that did not learn from the row, decided upon by people, mended.

``finding`` makes the ranking in a worker, ``kept`` holds it in the run's folder, ``decisions`` what people said of it,
``mended`` the config of a run that learns from the mended rows.
"""
