"""Chat: conversations whose messages have one order, read states, typing."""
