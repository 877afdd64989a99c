"""The HTTP API's description (OpenAPI 3.1), put together from the functions' applications.

``python -m services.openapi`` writes ``docs/openapi.json``; a unit test holds it current, a contract test holds the
running gateway to it.
"""
