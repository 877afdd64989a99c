"""Full-text search over posts, people and tags: a projection of the tables' streams into OpenSearch."""
