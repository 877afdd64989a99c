"""Notifications: what happened to a person, once, in the app or by push."""
