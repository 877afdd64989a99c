"""``make verify`` and ``make rebuild``: compare counters, timelines, notifications and the index with their source
data."""
