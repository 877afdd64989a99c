"""A short walk through a deployment by its public addresses."""
