"""Full-text search over posts, people and tags: projects the tables' streams into OpenSearch."""
