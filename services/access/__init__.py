"""Who may do what: one row for every route of the HTTP API and every socket action, by the kind of person that asks.

``rules.py`` says what a rule is and means, ``matrix.py`` gives each route its rule, ``page.py`` writes the matrix into
``docs/security.md`` (``make api``). ``tests/security/test_authorization.py`` tries every row as every kind of person.
"""
