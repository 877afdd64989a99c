"""A new context from the worked example of the docs, which is what the program reads (docs/worked-example.md)."""
