"""Adapters: a few new numbers are trained beside those of a model, which stay as they are (peft)."""
