"""A demo: visitors try finished models and train something tiny; all that is theirs is removed after a while."""
