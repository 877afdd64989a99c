"""The local CloudFront (8080/8443) and the front of API Gateway (8081).

Both are driven by the deployment: the distribution, policies, functions, keys, APIs, routes and stages are read from
the emulator's own AWS APIs, never from a second description. See ``docs/emulation/edge.md``.
"""
