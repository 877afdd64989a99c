"""What stands for CloudFront (8080/8443) and for the front of API Gateway (8081) on your machine.

Both are driven by what was deployed: the distribution, policies, functions, keys, APIs, routes and stages are
read from the emulator's own AWS APIs, never from a second description. See ``docs/emulation/edge.md``.
"""
