"""Questions to the access logs of CloudFront and of the HTTP API, written once in SQL.

Athena answers them on AWS (``infra/constructs/access_logs.py``), DuckDB on this machine (``kit/access_logs.py``).
``sql/`` has the questions, ``questions.py`` their names and charts, ``dialects.py`` what differs between the two
engines, ``logs.py`` the columns.
"""
