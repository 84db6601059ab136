"""How fast this machine trains a model, found by a few real steps before the first one that counts."""
