"""The console: the X-Ray daemon and API, metrics from EMF logs, and the mailbox of sign-up codes."""
