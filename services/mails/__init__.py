"""Mails: texts of Cognito's codes and invitations, in the reader's language."""
