"""A WebTransport server: offers API Gateway's WebSocket API over HTTP/3.

AWS has no such service; there you would run a server of your own. It reads routes, integrations and the authorizer of
the deployed WebSocket API and calls the same functions with the same events.
"""
