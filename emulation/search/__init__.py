"""The embedded search engine: a part of OpenSearch's REST API, on tantivy and MeCab."""
