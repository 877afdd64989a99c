# OpenSearch with the analyzers that every Amazon OpenSearch Service domain has, and the stock image lacks.
ARG OPENSEARCH_IMAGE=opensearchproject/opensearch:2.19.5
FROM ${OPENSEARCH_IMAGE}
RUN opensearch-plugin install --batch analysis-kuromoji && opensearch-plugin install --batch analysis-icu
