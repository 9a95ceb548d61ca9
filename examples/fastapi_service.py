"""A web service: POST the bytes of an image file, get its labels as JSON.

    pip install fastapi 'uvicorn[standard]'
    MODEL=models/efficientnet_lite0 uvicorn --app-dir examples fastapi_service:app
    curl --data-binary @models/sample_photos/imagenet_00_243.jpg http://127.0.0.1:8000/classify

One process uses all CPUs: requests share the lanes of one Predictor, which works outside Python's lock. Each further
process holds another model, so several processes need fewer lanes each, such as 4 on eight CPUs:

    LANES=4 uvicorn --workers 2 --app-dir examples fastapi_service:app
    LANES=4 gunicorn -w 2 -k uvicorn_worker.UvicornWorker --pythonpath examples fastapi_service:app

A bad image gets 422 with the reason, a file that is too large 413, a slow sender 408, a machine error or overload 503.
On SIGTERM, the server answers the requests in work, then frees the model.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from ppinfer import Predictor, RuntimeFailure

MODEL = os.environ.get("MODEL", "models/efficientnet_lite0")
LANES = int(os.environ.get("LANES", "0"))  # 0: one for each CPU
MAX_FILE_BYTES = 10 << 20
MAX_IMAGE_PX = 50_000_000  # a small file may hold a huge image
MAX_REQUESTS = 32  # in work at one time; with MAX_FILE_BYTES, this bounds memory
MAX_UPLOAD_S = 10
STATUS_OF_STAGE = {"read": 422, "decode": 422, "preprocess": 422, "machine": 503}  # another stage: 500
slots = anyio.CapacityLimiter(MAX_REQUESTS)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Load the model here and not at import: a server may fork after the import."""
    with Predictor(MODEL, lanes=LANES, max_pixels=MAX_IMAGE_PX) as predictor:
        # Waiting threads get a lane in any order; requests wait here, in order. One spare thread keeps all lanes busy.
        yield {"predictor": predictor, "threads": anyio.CapacityLimiter(int(predictor.config["lanes"].value) + 1)}


app = FastAPI(title="Image classification", lifespan=lifespan)


class Labels(BaseModel):
    class_ids: list[int]  # best first
    scores: list[float]
    label_names: list[str]


async def file_in(request: Request) -> bytearray:
    file = bytearray()
    async for chunk in request.stream():
        file += chunk
        if len(file) > MAX_FILE_BYTES:
            raise HTTPException(413, f"the file has more than {MAX_FILE_BYTES} bytes")
    return file


@app.post("/classify")
async def classify(request: Request) -> Labels:
    if slots.available_tokens == 0:
        raise HTTPException(503, "too many requests", {"Retry-After": "1"})
    async with slots:
        try:
            with anyio.fail_after(MAX_UPLOAD_S):
                file = await file_in(request)
        except (TimeoutError, ClientDisconnect):
            raise HTTPException(408, f"the file did not arrive within {MAX_UPLOAD_S} s") from None
        result = await anyio.to_thread.run_sync(request.state.predictor.predict, file, limiter=request.state.threads)
    if error := result.error:
        raise HTTPException(STATUS_OF_STAGE.get(error.stage, 500), {"stage": error.stage, "message": error.message})
    return Labels(class_ids=result.class_ids, scores=result.scores, label_names=result.label_names)


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.exception_handler(RuntimeFailure)
async def engine_failed(_: Request, error: RuntimeFailure) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 503)
