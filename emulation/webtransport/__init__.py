"""A WebTransport server: what API Gateway's WebSocket API does, over HTTP/3.

AWS has no such service, so this stands for a server of your own there. It reads routes, integrations and the
authorizer of the deployed WebSocket API and calls the same functions with the same events.
"""
