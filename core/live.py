"""What a run's page asks for once a second: only what is new, and on the first ask a bounded picture of it all.

The answer is ``{"cursor": int, "state": str, "reset": bool, "steps": [[step, loss, learning_rate, grad_norm], ...],
"now": {...the newest ``stepped`` event...}, "events": [{...every other event...}]}``; empty parts are left out. ``cursor``
is a byte offset into ``events.jsonl``: the cost of an answer depends on what is new, never on the length of the run.
``reset`` tells the page to forget what it drew: the first answer, or a run that was taken up again at an earlier step.
"""
