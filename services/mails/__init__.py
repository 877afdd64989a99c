"""Mails: what Cognito's codes and invitations say, in the reader's language."""
