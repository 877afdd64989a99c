"""The narrated walkthrough, in the seed's order: domain, the whole picture, each context, the whole picture again."""
