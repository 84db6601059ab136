"""The page on which labels are checked: what it reads."""
