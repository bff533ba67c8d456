# The connector's image, which is the last stage. `--target emulator` builds that of the emulated Sage Intacct, for
# trying the connector out. Any base with Python 3.11 to 3.13 and a shell will do: BASE_IMAGE names another one.
ARG BASE_IMAGE=docker.io/airbyte/python-connector-base:4.1.0@sha256:1d1aa21d34e851df4e8a87b391c27724c06e2597608e7161f4d167be853bd7b6

# Everything is a wheel whose hash is known, so that no compiler is needed. An environment of its own: what the base has
# installed for itself cannot get in the way. It holds what the verbs import, and so no airbyte-cdk: with --no-deps
# nobody misses it. What builds our own package stays here.
FROM ${BASE_IMAGE} AS connector-packages
WORKDIR /build
RUN python -m venv --without-pip /opt/connector
COPY requirements-image.lock ./
RUN python -m pip --python /opt/connector/bin/python install --quiet --no-cache-dir --root-user-action=ignore \
    --no-compile --no-deps --only-binary :all: --require-hashes --requirement requirements-image.lock
COPY requirements-build.lock ./
RUN python -m pip install --quiet --no-cache-dir --root-user-action=ignore --target tools \
    --no-deps --only-binary :all: --require-hashes --requirement requirements-build.lock
COPY setup.py pyproject.toml README.md sbom.py ./
COPY destination_sage_intacct destination_sage_intacct/
RUN PYTHONPATH=/build/tools python -m pip --python /opt/connector/bin/python install --quiet --no-cache-dir \
    --root-user-action=ignore --no-compile --no-deps --no-index --no-build-isolation .
RUN /opt/connector/bin/python -P sbom.py > /opt/connector/sbom.cdx.json
# The connector cannot write where it runs: compiled once, here, it starts in half the time. Only what it imports, of
# Python itself too; all that is installed would be a quarter of the image.
RUN PYTHONPYCACHEPREFIX=/opt/connector/compiled /opt/connector/bin/python -P -c \
    "import boto3, importlib.metadata, jsonschema, sqlite3; boto3.client('s3', region_name='us-east-1'); \
    import destination_sage_intacct.run, destination_sage_intacct.application, destination_sage_intacct.rejected_rows.s3"

FROM ${BASE_IMAGE} AS emulator-packages
WORKDIR /build
RUN python -m venv --without-pip /opt/emulator
COPY requirements-emulator.lock ./
RUN python -m pip --python /opt/emulator/bin/python install --quiet --no-cache-dir --root-user-action=ignore \
    --no-deps --only-binary :all: --require-hashes --requirement requirements-emulator.lock

FROM ${BASE_IMAGE} AS emulator
COPY --from=emulator-packages /opt/emulator /opt/emulator
COPY intacct_emulator /opt/emulator/intacct_emulator
WORKDIR /opt/emulator
USER 1000:1000
EXPOSE 8000
ENTRYPOINT ["/opt/emulator/bin/python", "-m", "intacct_emulator", "--host", "0.0.0.0", "--port", "8000"]
HEALTHCHECK --interval=2s --timeout=5s --retries=5 CMD ["/opt/emulator/bin/python", "-c", \
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/emulator/stats', timeout=4)"]

FROM ${BASE_IMAGE} AS connector
ARG VERSION=0.1.0
LABEL io.airbyte.name="airbyte/destination-sage-intacct" \
    io.airbyte.version="${VERSION}" \
    org.opencontainers.image.title="destination-sage-intacct" \
    org.opencontainers.image.description="Airbyte destination that writes warehouse rows into Sage Intacct" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.licenses="MIT" \
    io.airbyte.sbom="/opt/connector/sbom.cdx.json"
COPY --from=connector-packages /opt/connector /opt/connector
# Airbyte starts `sh -c "... | $AIRBYTE_ENTRYPOINT write ..."`. It is the program itself, with no shell around it that
# would keep SIGTERM from it. One heap for all threads, which run one at a time: further ones only keep what was freed.
# Bodies of requests and answers go back to the system when they are freed.
ENV AIRBYTE_ENTRYPOINT=/opt/connector/bin/destination-sage-intacct \
    MALLOC_ARENA_MAX=1 \
    MALLOC_MMAP_THRESHOLD_=65536 \
    PYTHONPYCACHEPREFIX=/opt/connector/compiled \
    PYTHONUNBUFFERED=1
WORKDIR /airbyte
# The base's user airbyte, as a number: Kubernetes' runAsNonRoot cannot look a name up.
USER 1000:1000
ENTRYPOINT ["/opt/connector/bin/destination-sage-intacct"]
