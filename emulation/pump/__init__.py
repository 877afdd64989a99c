"""The stream pump: Lambda's event source mappings for DynamoDB Streams and Kinesis, with AWS's error handling.

The emulator's own pollers lose records of a partial batch response and block forever on a poison record; queues it
does right, so those stay with it. The rules are in ``semantics``; everything else is plumbing around them.
"""
