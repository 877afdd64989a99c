"""``make verify`` and ``make rebuild``: counters, timelines, notifications and the index against the truth."""
