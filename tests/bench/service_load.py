"""Throughput and latency of examples/fastapi_service.py, compared with a batch of the same images in one process.

    python tests/bench/service_load.py [--model models/efficientnet_lite0] [--clients 1,4,16] [--rounds 5]
                                       [--seconds 4] FOLDER

The load is a closed loop: each client sends the next photo when it has the reply to the last one. In each round, the
batch (Predictor.predict with the bytes of all photos) and each number of clients take turns. Clients run on the same
CPUs as the service. Prints the median of the rounds; "of batch" is requests/s divided by the batch's images/s in the
same round, with its range; CPU time is the service's, without the clients. Replies must equal the batch's results.
"""

import argparse
import http.client
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ppinfer import Predictor

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class Service(NamedTuple):
    process: "subprocess.Popen[str]"
    port: int

    def cpu_s(self) -> float:
        """User and system time so far, of all threads."""
        after_name = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, after_name[11:13])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_service(model: Path, **environment: str) -> Iterator[Service]:
    """The example in a server process of its own, until SIGTERM. The exit must be clean."""
    command = [sys.executable, "-m", "uvicorn", "--app-dir", EXAMPLES, "--port", "0", "--no-access-log"]
    process = subprocess.Popen(
        [*map(str, command), "fastapi_service:app"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "MODEL": str(model), **environment},
    )
    with process:
        assert process.stderr is not None
        log = ""
        while not (port := re.search(r"running on http://[\d.]+:(\d+)", log)):
            line = process.stderr.readline()
            if not line:
                raise RuntimeError(f"the service ended with {process.wait()}:\n{log}")
            log += line
        try:
            yield Service(process, int(port[1]))
        finally:
            process.send_signal(signal.SIGTERM)
            log = process.communicate(timeout=60)[1]
    if "Application shutdown complete" not in log:
        raise RuntimeError(f"the service did not shut down cleanly:\n{log}")


@dataclass
class Load:
    """What clients measured in one round."""

    wall_s: float = 0
    cpu_s: float = 0
    latencies_ms: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def one_client(port: int, first: int, files: list[bytes], expected: list[list[int]], end: float, load: Load) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    number = first
    while time.perf_counter() < end:
        index = number % len(files)
        start = time.perf_counter()
        connection.request("POST", "/classify", files[index])
        reply = connection.getresponse()
        body = reply.read()
        load.latencies_ms.append((time.perf_counter() - start) * 1e3)
        if reply.status != 200 or json.loads(body)["class_ids"] != expected[index]:
            load.wrong.append(f"photo {index}: {reply.status} {body[:200]!r}")
        number += 1
    connection.close()


def serve(service: Service, clients: int, files: list[bytes], expected: list[list[int]], seconds: float) -> Load:
    load = Load()
    start, cpu_start = time.perf_counter(), service.cpu_s()
    arguments = (files, expected, start + seconds, load)
    threads = [threading.Thread(target=one_client, args=(service.port, n, *arguments)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.wall_s, load.cpu_s = time.perf_counter() - start, service.cpu_s() - cpu_start
    return load


def batch(predictor: Predictor, files: list[bytes], seconds: float) -> tuple[float, float]:
    """Images/s, and CPU milliseconds an image."""
    images, start, cpu_start = 0, time.perf_counter(), time.process_time()
    while (wall_s := time.perf_counter() - start) < seconds:
        images += len(predictor.predict(files * 4))  # long enough that the wait for the last lane is small
    return images / wall_s, (time.process_time() - cpu_start) * 1e3 / images


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, default="models/efficientnet_lite0")
    parser.add_argument("--clients", type=lambda text: list(map(int, text.split(","))), default=[1, 4, 16])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    arguments = parser.parse_args()
    files = [path.read_bytes() for path in sorted(arguments.folder.iterdir()) if path.suffix in (".jpg", ".png")]
    if not files:
        parser.error(f"no .jpg or .png in {arguments.folder}")
    batches: list[tuple[float, float]] = []
    loads: dict[int, list[Load]] = {clients: [] for clients in arguments.clients}
    with Predictor(arguments.model) as predictor, running_service(arguments.model) as service:
        expected = [list(result.class_ids) for result in predictor.predict(files)]
        serve(service, max(loads), files, expected, 1)  # warm-up
        for number in range(arguments.rounds):
            batches.append(batch(predictor, files, arguments.seconds))
            for clients in sorted(loads, reverse=number % 2 == 1):
                loads[clients].append(serve(service, clients, files, expected, arguments.seconds))
    wrong = [text for rounds in loads.values() for load in rounds for text in load.wrong]
    if wrong:
        raise SystemExit(f"{len(wrong)} replies differ from the batch's results, the first: {wrong[0]}")
    rate, cpu_ms = (statistics.median(values) for values in zip(*batches, strict=True))
    print(f"{os.cpu_count()} CPUs, {len(files)} photos, {arguments.rounds} rounds of {arguments.seconds:g} s")
    print(f"batch: {rate:.1f} images/s, {cpu_ms:.2f} ms of CPU an image")
    for clients, rounds in loads.items():
        rates = [len(load.latencies_ms) / load.wall_s for load in rounds]
        ratios = [rate / of_batch for rate, (of_batch, _) in zip(rates, batches, strict=True)]
        latencies = sorted(latency for load in rounds for latency in load.latencies_ms)
        cpu_ms = statistics.median(load.cpu_s * 1e3 / len(load.latencies_ms) for load in rounds)
        print(
            f"{clients:3} clients: {statistics.median(rates):6.1f} requests/s,"
            f" {statistics.median(ratios):.2f} of batch ({min(ratios):.2f} to {max(ratios):.2f}),"
            f" p50 {latencies[len(latencies) // 2]:.1f} ms, p99 {latencies[len(latencies) * 99 // 100]:.1f} ms,"
            f" {cpu_ms:.2f} ms of CPU a request"
        )


if __name__ == "__main__":
    main()
