# Stands in for the official coturn image: Debian's own.
ARG BASE=asyncsns-standin/debian:bookworm
FROM ${BASE}
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends coturn \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /usr/share/doc /usr/share/man
CMD ["turnserver"]
