"""``make parity``: compares targets. One end-to-end suite and one load test against each target; the page from the
record.

``record.py`` keeps what was measured (``docs/parity.json``), ``page.py`` makes ``docs/parity.md`` and the README's
table of it. The page marks what was not measured.
"""
