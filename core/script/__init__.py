"""A run as a program of its own: ``train.py`` with transformers and datasets alone, and the rows beside it."""
