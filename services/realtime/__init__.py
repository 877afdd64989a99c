"""Real time: the transport port and its API Gateway WebSocket adapter, tickets, presence, fan-out."""
