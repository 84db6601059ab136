"""The rooms of the playground: what is asked, who answers, how it is drawn. ``ui.pages.try_it`` puts them together."""
