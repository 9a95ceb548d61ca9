# ppinfer with engine openvino, without root and on a read-only file system: docs/guides/container.md.
FROM python:3.13-slim
COPY dist/ppinfer-*-cp313-*.whl /tmp/
# ppinfer computes on the CPU: the plugins for other devices are a fifth of the image.
RUN pip install --no-cache-dir "$(ls /tmp/ppinfer-*.whl)[openvino]" \
    && rm /tmp/ppinfer-*.whl \
    && cd "$(python -c 'import sysconfig; print(sysconfig.get_path("platlib"))')/openvino/libs" \
    && rm libopenvino_intel_gpu_plugin.so libopenvino_intel_npu_*.so*
USER 10001:10001
ENTRYPOINT ["ppinfer"]
