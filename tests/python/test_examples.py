"""The programs in examples/, run by the commands in their first comments. test_consumer.py builds the one in C++."""

import csv
import http.client
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest

from conftest import encoded, png, write_config
from service_load import Service, running_service

ROOT = Path(__file__).resolve().parents[2]
MODELS = Path(os.environ.get("PPINFER_MODELS", ROOT / "models"))
MAX_REQUESTS = 32  # of fastapi_service.py
PHOTOS = sorted((MODELS / "sample_photos").glob("*.jpg"))


@pytest.fixture(scope="module", autouse=True)
def _models_are_there() -> None:
    if not PHOTOS or not (MODELS / "efficientnet_lite0").is_dir():
        (pytest.fail if os.environ.get("PPINFER_REQUIRE_MODELS") == "1" else pytest.skip)(
            f"{MODELS} lacks the default model or the sample photos: tools/demo makes both"
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder that has models/ and examples/ and may be written to."""
    (tmp_path / "models").symlink_to(MODELS)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    return tmp_path


def command_of(name: str) -> list[str]:
    """The call in the example's first comment."""
    text = (ROOT / "examples" / name).read_text(encoding="utf-8").replace("\\\n", " ")
    (command,) = re.findall(rf"^(?:#  )? +((?:python )?examples/{name} models.*?)(?:  +#.*)?$", text, re.MULTILINE)
    return command.split()


def run(command: list[object], folder: Path, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PATH": path, **environment},
    )
    assert done.returncode == code, f"{command}\n{done.stdout}{done.stderr}"
    return done


def class_of(photo: str | Path) -> int:
    """The ground truth, which is in the photo's name."""
    return int(Path(photo).stem.split("_")[2])


def test_classify_one(checkout):
    command = command_of("classify_one.py")
    lines = run(command, checkout).stdout.splitlines()
    assert len(lines) == 3
    assert lines[0].endswith("  bull mastiff")
    assert "examples/classify_one.py: decode: not an image" in run([*command[:-1], command[1]], checkout, code=1).stderr


def test_folder_to_csv(checkout):
    command = command_of("folder_to_csv.py")
    run(command, checkout)
    rows = list(csv.DictReader((checkout / command[-1]).open()))
    assert [row["path"] for row in rows] == [f"models/sample_photos/{photo.name}" for photo in PHOTOS]
    right = sum(int(row["class_ids"]) == class_of(row["path"]) for row in rows)
    assert right >= 0.9 * len(PHOTOS)


def test_camera_frames(checkout):
    command = command_of("camera_frames.py")
    side_px = (320, 240)
    video = cv2.VideoWriter(str(checkout / command[-1]), cv2.VideoWriter_fourcc(*"MJPG"), 5, side_px)
    for photo in PHOTOS[:3]:
        for _ in range(4):
            video.write(cv2.resize(cv2.imread(str(photo)), side_px))
    video.release()
    lines = run(command, checkout).stdout.splitlines()
    assert [line.rpartition(" ")[0] for line in lines] == [
        "frame 0: bull mastiff",
        "frame 4: folding chair",
        "frame 8: beaker",
    ]


def test_embeddings_search(checkout):
    command = command_of("embeddings_search.py")
    nearest = [line.split() for line in run(command, checkout).stdout.splitlines()]
    assert len(nearest) == 5
    assert nearest[0] == ["1.000", command[-1]]
    assert class_of(nearest[1][1]) == class_of(command[-1])


def test_ray_cluster(checkout):
    patience = {
        f"RAY_{name}": value  # a busy machine is slow, and no more than that
        for name, value in {
            "USAGE_STATS_ENABLED": "0",
            "ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
            "worker_niceness": "0",
            "raylet_start_wait_time_s": "300",
            "worker_register_timeout_seconds": "300",
            "agent_register_timeout_ms": "300000",
        }.items()
    }
    lines = run(command_of("ray_cluster.py"), checkout, **patience).stdout.splitlines()
    assert lines[0].startswith(f"{len(PHOTOS)} images, 0 errors, ")
    assert any(line.startswith("bull mastiff ") for line in lines)


# ---- batch.sh --------------------------------------------------------------------------------------------------------


def test_batch_of_shards(checkout):
    command = command_of("batch.sh")
    shards = ["1/2", "2/2"]
    for shard in shards:
        run([shard if word == "1/2" else word for word in command], checkout)
    parts = [checkout / f"records/models__sample_photos.{shard.replace('/', '-of-')}.jsonl" for shard in shards]
    paths = [json.loads(line)["path"] for part in parts for line in part.read_text().splitlines()]
    assert sorted(paths) == [f"models/sample_photos/{photo.name}" for photo in PHOTOS]


def test_batch_of_folders_with_one_name(checkout, config_path):
    folders = ["first/photos", "second/photos"]
    for folder in folders:
        (checkout / folder).mkdir(parents=True)
        (checkout / folder / "a.png").write_bytes(png(0))
    run(["examples/batch.sh", config_path.parent, "1/1", "records", *folders], checkout)
    records = [json.loads(path.read_text()) for path in sorted((checkout / "records").glob("*.jsonl"))]
    assert [record["path"] for record in records] == [f"{folder}/a.png" for folder in folders]


def test_batch_codes(checkout, photo_folder, config_path):
    photo_folder(120)
    for folder, errors in {"some_bad": 1, "all_bad": 120}.items():
        (checkout / folder).mkdir()
        for index in range(120):
            (checkout / folder / f"{index:03}.png").write_bytes(b"no image" if index < errors else png(0))

    def batch(code: int, *folders: str) -> str:
        return run(["examples/batch.sh", config_path.parent, "1/1", "records", *folders], checkout, code).stderr

    batch(1, "some_bad")
    assert "all_bad: exit code 3" in batch(3, "all_bad", "photos")
    assert len((checkout / "records/photos.1-of-1.jsonl").read_text().splitlines()) == 120
    assert "images in" not in batch(0, "photos", "some_bad"), "both were complete"
    batch(2, "nowhere", "all_bad")
    assert "examples/batch.sh MODEL I/N" in run(["examples/batch.sh"], checkout, code=2).stderr


def test_batch_resumes_after_ctrl_c(checkout, photo_folder):
    photo_folder(40)
    model = write_config(checkout / "slow", model="delay_ms 40").parent
    command = ["examples/batch.sh", str(model), "1/1", "records", "photos"]
    part = checkout / "records/photos.1-of-1.jsonl.part"
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    with subprocess.Popen(command, cwd=checkout, env=environment, start_new_session=True) as started:
        while not (part.exists() and part.stat().st_size > 0):
            assert started.poll() is None, "it ended before it wrote anything"
            time.sleep(0.01)
        os.killpg(started.pid, signal.SIGINT)
    assert started.returncode == 130
    assert "of them before" in run(command, checkout).stderr
    paths = [json.loads(line)["path"] for line in part.with_suffix("").read_text().splitlines()]
    assert paths == [f"photos/{index:03}.png" for index in range(40)]


# ---- fastapi_service.py ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running_service(MODELS / "efficientnet_lite0") as started:
        yield started


def post(service: Service, body: bytes) -> httpx.Response:
    return httpx.post(f"http://127.0.0.1:{service.port}/classify", content=body, timeout=300)


def test_service_answers(service):
    reply = post(service, PHOTOS[0].read_bytes())
    assert reply.status_code == 200
    assert reply.json()["label_names"][0] == "bull mastiff"
    assert reply.json()["class_ids"][0] == class_of(PHOTOS[0])
    assert httpx.get(f"http://127.0.0.1:{service.port}/healthz").json() == {"status": "ok"}


def test_service_refuses_bad_images(service):
    for body, stage, reason in [
        (b"no image", "decode", "not an image"),
        (b"", "decode", "empty file"),
        (PHOTOS[0].read_bytes()[:20_000], "decode", "truncated"),
        (encoded(".png", np.zeros((8000, 8000), np.uint8)), "decode", "8000x8000"),
    ]:
        reply = post(service, body)
        assert reply.status_code == 422
        assert reply.json()["detail"]["stage"] == stage
        assert reason in reply.json()["detail"]["message"]
    assert post(service, bytes(11 << 20)).status_code == 413


def test_service_without_memory_blames_no_image(service):
    large = encoded(".png", np.full((5000, 6000, 3), 99, np.uint8))
    assert post(service, PHOTOS[0].read_bytes()).status_code == 200  # so that its threads exist
    pid = service.process.pid
    mapped = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.prlimit(pid, resource.RLIMIT_AS, (mapped + (32 << 20), resource.RLIM_INFINITY))
    try:
        reply = post(service, large)
    finally:
        resource.prlimit(pid, resource.RLIMIT_AS, before)
    assert reply.status_code == 503
    assert reply.json()["detail"]["stage"] == "machine"
    assert post(service, large).status_code == 200


def test_service_refuses_overload_and_ends_its_requests(config_path):
    file = png(3)
    with running_service(config_path) as service:
        clients = [http.client.HTTPConnection("127.0.0.1", service.port, timeout=300) for _ in range(MAX_REQUESTS)]
        for client in clients:  # each begins an upload
            client.putrequest("POST", "/classify")
            client.putheader("Content-Length", str(len(file)))
            client.endheaders(file[:10])
        while (reply := post(service, file)).status_code == 200:  # until the service has seen all of them
            pass
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
        assert httpx.get(f"http://127.0.0.1:{service.port}/healthz").status_code == 200
        for client in clients:
            client.send(file[10:])
    assert [client.getresponse().status for client in clients] == [200] * MAX_REQUESTS  # in spite of SIGTERM


def test_service_names_the_engines_fault(tmp_path):
    with running_service(write_config(tmp_path / "failing", model="fail_above 0.5")) as service:
        assert post(service, png(0)).status_code == 200
        reply = post(service, png(7))
        assert (reply.status_code, reply.json()["detail"]["stage"]) == (500, "infer")
