"""Every page there is, in the order of the navigation bar. A new one is a file beside this one and an entry here."""

from __future__ import annotations

from ui.page import Page
from ui.pages import account, administrator, compare, ensemble, kept, labels, new_run, programs, run, runs, searches

PAGES: tuple[Page, ...] = (
    new_run.PAGE,
    runs.PAGE,
    run.PAGE,
    searches.PAGE,
    ensemble.PAGE,
    compare.PAGE,
    labels.PAGE,
    kept.PAGE,
    account.PAGE,
    programs.PAGE,
    administrator.PAGE,
)

PAGES_OF_A_DEMO: tuple[Page, ...] = (runs.PAGE, new_run.PAGE, run.PAGE)
"""Those that have a sense where visitors may do little."""
