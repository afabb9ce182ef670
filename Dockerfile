# The Python that the tests run on.
ARG PYTHON=3.11-slim-trixie

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
# Every package of the lock as a wheel with a known hash. Nothing is compiled, so no compiler is needed.
COPY requirements.lock ./
RUN pip download --require-hashes --only-binary :all: --dest /wheels --requirement requirements.lock
COPY LICENSE README.md pyproject.toml ./
COPY indexer indexer
COPY mappings mappings
COPY service service
# From here on pip sees those wheels and nothing else. What only building needs stays out of the environment.
RUN pip wheel --no-deps --no-index --find-links /wheels --wheel-dir /wheels . \
    && python -m venv --without-pip /opt/zoufang \
    && pip --python /opt/zoufang/bin/python install --no-index --find-links /wheels /wheels/zoufang-*.whl

FROM python:${PYTHON}
LABEL org.opencontainers.image.title="Zoufang" \
    org.opencontainers.image.description="Full-text search for corpora of Chinese local news" \
    org.opencontainers.image.version="0.1.0" \
    org.opencontainers.image.licenses="Apache-2.0"
# A new volume takes over the owner of the folder it is mounted on.
RUN groupadd --gid 10001 zoufang \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir / --shell /usr/sbin/nologin zoufang \
    && install --directory --owner=zoufang --group=zoufang /data
COPY --from=build /opt/zoufang /opt/zoufang
COPY --chown=10001:10001 examples /examples
ENV PATH=/opt/zoufang/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 ZOUFANG_DATA=/data
VOLUME /data
USER 10001:10001
EXPOSE 8000
# Not by way of a proxy, which docker may have put into the environment. To serve on another port set
# ZOUFANG_PORT, which this reads too, rather than give --port.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; service = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('ZOUFANG_PORT') or 8000), timeout=4); service.request('GET', '/readyz'); answer = service.getresponse(); sys.exit(0 if answer.status == 200 else answer.read().decode())"]
ENTRYPOINT ["zoufang"]
CMD ["serve", "--host", "0.0.0.0"]
