"""ppinfer on engine openvino."""

from peers.contestant import serve
from peers.contestants.ppinfer_own import on_openvino

if __name__ == "__main__":
    serve(on_openvino)
