"""The embedded search engine: the part of OpenSearch's REST API that asyncsns uses, on tantivy and MeCab."""
