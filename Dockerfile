# ppinfer with engine openvino, for a user without rights and a read-only file system: docs/guides/container.md.
FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/*
# ppinfer computes on the CPU. OpenVINO's plugins for other devices would be a fifth of the image.
RUN --mount=type=bind,source=dist,target=/dist \
    python3 -m venv /opt/ppinfer \
    && /opt/ppinfer/bin/pip install --no-cache-dir "$(ls /dist/ppinfer-*-cp313-*.whl)[openvino]" \
    && rm /opt/ppinfer/lib/python3.13/site-packages/openvino/libs/libopenvino_intel_[gn]pu_*
ENV PATH=/opt/ppinfer/bin:$PATH
USER 10001:10001
ENTRYPOINT ["ppinfer"]
