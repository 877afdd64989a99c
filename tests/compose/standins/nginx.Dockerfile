# Stands in for the official nginx image: Debian's own.
ARG BASE=asyncsns-standin/debian:bookworm
FROM ${BASE}
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends nginx-light \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /usr/share/doc /usr/share/man
