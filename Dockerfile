# layerscope in an image of its own: docker build --tag layerscope .
# It passes the gate of ci/own-image.toml. Any base with Python 3.11 or newer and its venv module will do.
ARG BASE=python:3.12-slim

FROM ${BASE} AS build
# Where pip finds packages, if not on PyPI: --build-arg PIP_INDEX_URL=…
ARG PIP_INDEX_URL
ARG PIP_NO_INDEX
ARG PIP_FIND_LINKS
COPY pyproject.toml README.md LICENSE /source/
COPY src /source/src
# pip stands in an environment of its own, which stays behind.
RUN python3 -m venv /pip \
    && python3 -m venv --without-pip /opt/layerscope \
    && /pip/bin/pip --python /opt/layerscope/bin/python install --no-cache-dir /source

FROM ${BASE}
LABEL org.opencontainers.image.title="layerscope" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/layerscope /opt/layerscope
ENV PATH="/opt/layerscope/bin:${PATH}" PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["layerscope"]
