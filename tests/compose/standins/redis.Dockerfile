# Stands in for the official Valkey image: Redis 7.0 of Debian, the version before Valkey parted from it.
ARG BASE=asyncsns-standin/debian:bookworm
FROM ${BASE}
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends redis-server \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /usr/share/doc /usr/share/man
CMD ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "", "--appendonly", "no"]
