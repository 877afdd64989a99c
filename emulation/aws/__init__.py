"""Shared by servers: clients of the emulator's APIs, and limits of API Gateway that two servers enforce."""
