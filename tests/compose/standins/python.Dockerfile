# Stands in for the official Python image where no image can be pulled: Debian's own Python 3.11.
ARG BASE=asyncsns-standin/debian:bookworm
FROM ${BASE}
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends python3 python3-venv python3-pip ca-certificates \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /usr/share/doc /usr/share/man
# The machine's own authorities, after the package has written its list.
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt PIP_BREAK_SYSTEM_PACKAGES=1
