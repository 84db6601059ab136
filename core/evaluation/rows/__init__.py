"""What each task keeps of a judged row beside the truth and the answer: the functions behind ``Task.kept``.

See ``core.judging.kept`` for the columns that all tasks have.
"""
