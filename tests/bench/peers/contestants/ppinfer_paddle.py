"""ppinfer on engine paddle."""

from peers.contestant import serve
from peers.contestants.ppinfer_own import on_paddle

if __name__ == "__main__":
    serve(on_paddle)
