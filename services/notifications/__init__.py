"""Notifications: each event that concerns a person, once, in the app or by push."""
