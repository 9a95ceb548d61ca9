# The program `ppinfer` with engine openvino. Put a wheel for Python 3.13 into dist/ first (tools/release), then:
#   docker build -t ppinfer .
# docs/guides/container.md shows how to run it.
FROM debian:trixie-slim AS install
RUN apt-get update && apt-get install -y --no-install-recommends python3-venv
COPY dist/ppinfer-*-cp313-*.whl /wheels/
RUN python3 -m venv /opt/ppinfer \
 && /opt/ppinfer/bin/pip install --no-cache-dir --find-links /wheels 'ppinfer[openvino]' \
 && rm -f /opt/ppinfer/lib/python3.13/site-packages/openvino/libs/libopenvino_intel_[gn]pu_* \
 && /opt/ppinfer/bin/pip uninstall -y pip

FROM debian:trixie-slim
RUN apt-get update && apt-get install -y --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*
COPY --from=install /opt/ppinfer /opt/ppinfer
ENV PATH=/opt/ppinfer/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER nobody
WORKDIR /data
ENTRYPOINT ["ppinfer"]
