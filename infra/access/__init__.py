"""Rights on AWS: one table by kind of person and stage.

``model.py`` says what a row is, ``table.py`` has the rows, ``policies.py`` makes IAM documents of them, ``page.py``
writes ``docs/access.md`` (``make access``). ``tests/contract/test_access.py`` tries every row against the emulator.
"""
