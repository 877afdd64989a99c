"""The stream pump: Lambda's event source mappings for DynamoDB Streams and Kinesis, with AWS's error handling.

The emulator's own pollers lose records of a partial batch response and block forever on a poison record; it handles
queues correctly, so those stay with it. ``semantics`` has the rules; the other modules carry them out.
"""
