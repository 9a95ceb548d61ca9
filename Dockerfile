# ppinfer with engine openvino, for a user without rights and a read-only file system: docs/guides/container.md.
FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/*
# ppinfer computes on the CPU. OpenVINO's plugins for other devices, and cache.json for them, would add 60 MB.
RUN --mount=type=bind,source=dist,target=/dist \
    python3 -m venv /opt/ppinfer \
    && /opt/ppinfer/bin/pip install --no-cache-dir "$(ls /dist/ppinfer-*-cp313-*.whl)[openvino]" \
    && cd /opt/ppinfer/lib/python3.13/site-packages/openvino/libs \
    && rm libopenvino_intel_[gn]pu_* cache.json
ENV PATH=/opt/ppinfer/bin:$PATH
USER 10001:10001
ENTRYPOINT ["ppinfer"]
