"""Forked processes: an inherited Predictor says what to do, a new one answers, and nothing hangs or aborts."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from made_models import model_file

TIMEOUT_S = 240  # of a child that hangs; they take some seconds
HEAD = """if True:
    import os, signal, sys, threading, time, warnings
    warnings.simplefilter("ignore")
    import numpy as np, ppinfer
    model, engine, lanes, threads, batch_size = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
    params = {"cls_params_path": model[:-8] + ".pdiparams"} if model.endswith(".pdmodel") else {}
    keys = dict(cls_model_path=model, **params, engine=engine,
                crop_size=32, resize_short_size=32, mean="0.5,0.5,0.5", std="0.25,0.25,0.25",
                lanes=lanes, threads_per_lane=threads, batch_size=batch_size, topk=1, warmup=1)
    images = [np.random.default_rng(i).integers(0, 256, (40, 50, 3), np.uint8) for i in range(6)]

    def answers(predictor):
        return [result.class_ids for result in predictor.predict(images)]

    def refused(call):
        try:
            call()
        except ppinfer.RuntimeFailure as error:
            return "before fork()" in str(error) and "spawn or forkserver" in str(error)
        return False

    def own_answers(*_):
        with ppinfer.Predictor(**keys) as own:
            return answers(own)

    def in_child(work, leave=os._exit):  # 0 where `work` holds
        child = os.fork()
        if child == 0:
            signal.alarm(200)
            leave(0 if work() else 3)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""


@pytest.fixture(scope="module")
def heavy_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of 12 MB: two lanes share them, and OpenVINO's own threads run what lanes ask for."""
    ov = pytest.importorskip("openvino")
    op = ov.opset13
    random = np.random.default_rng(1)
    image = op.parameter([-1, 3, 32, 32], np.float32, name="x")
    flat = op.reshape(image, np.array([0, -1]), True)
    hidden = op.relu(op.matmul(flat, random.normal(0, 0.02, (3072, 1000)).astype(np.float32), False, False))
    scores = op.matmul(hidden, random.normal(0, 0.1, (1000, 10)).astype(np.float32), False, False)
    path = tmp_path_factory.mktemp("heavy") / "heavy.xml"
    ov.save_model(ov.Model([op.softmax(scores, 1)], [image]), path, compress_to_fp16=False)
    return path


def run(body: str, engine: str, model: Path, lanes: int = 2, threads: int = 1) -> None:
    command = [sys.executable, "-c", HEAD + body, str(model), engine, str(lanes), str(threads), "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)


@pytest.fixture
def model(engine: str, request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue("heavy_model") if engine == "openvino" else model_file("tiny.pdmodel")


both_engines = pytest.mark.parametrize("engine", ["openvino", "paddle"])


# As a server that forks its workers after it has loaded its modules, with `--preload`.
@both_engines
@pytest.mark.parametrize(("lanes", "threads"), [(2, 1), (1, 2)])
def test_prefork(engine: str, model: Path, lanes: int, threads: int) -> None:
    body = """
    unused = in_child(own_answers)
    predictor = ppinfer.Predictor(**keys)
    expected = answers(predictor)

    def worker():
        assert all(refused(call) for call in (
            lambda: predictor.predict(images[0]), lambda: predictor.predict(images), lambda: answers(predictor),
            lambda: predictor.logits(images), lambda: predictor.decode(images[0]),
            lambda: predictor.preprocess(images[0]), lambda: predictor.resize(images[0]),
            lambda: predictor.classify_folder("."), lambda: predictor.write_records(".", os.devnull, format="jsonl")))
        assert predictor.class_count == 10 and repr(predictor)
        right = own_answers() == expected
        predictor.close()
        return right and own_answers() == expected

    opened = in_child(worker)
    at_exit = in_child(worker, sys.exit)
    predictor.close()
    closed = in_child(lambda: own_answers() == expected and in_child(lambda: own_answers() == expected) == 0)
    closed_at_exit = in_child(lambda: own_answers() == expected, sys.exit)
    again = own_answers() == expected
    assert (unused, opened, at_exit, closed, closed_at_exit, again) == (0, 0, 0, 0, 0, True), locals()
    """
    run(body, engine, model, lanes, threads)


# os.fork while other threads classify.
@both_engines
@pytest.mark.parametrize(("lanes", "threads"), [(2, 1), (1, 2)])
def test_a_fork_beside_a_run(engine: str, model: Path, lanes: int, threads: int) -> None:
    body = """
    predictor = ppinfer.Predictor(**keys)
    expected = answers(predictor)
    done = threading.Event()
    wrong = []

    def classify():
        while not done.is_set():
            if answers(predictor) != expected:
                wrong.append(1)

    threads = [threading.Thread(target=classify) for _ in range(2)]
    for thread in threads:
        thread.start()
    children = [in_child(lambda: refused(lambda: answers(predictor)) and own_answers() == expected) for _ in range(3)]
    done.set()
    for thread in threads:
        thread.join()
    assert children == [0, 0, 0] and not wrong, (children, wrong)
    """
    run(body, engine, model, lanes, threads)


@both_engines
def test_multiprocessing_pools(engine: str, model: Path) -> None:
    body = """
    import multiprocessing
    fork = multiprocessing.get_context("fork")

    def inherited(_):
        return answers(predictor)

    def pickled(predictor):
        return answers(predictor)

    with ppinfer.Predictor(**keys) as predictor:
        expected = answers(predictor)
        with fork.Pool(2) as pool:
            assert refused(lambda: pool.map(inherited, range(2)))
            assert pool.map(own_answers, range(2)) == [expected] * 2
            assert pool.map(pickled, [predictor]) == [expected]  # made anew of its config
        assert answers(predictor) == expected
    """
    run(body, engine, model)


# As loader workers do: forked daemons that hold the dataset, and are ended while they wait.
@both_engines
def test_loader_workers(engine: str, model: Path) -> None:
    body = """
    import multiprocessing
    fork = multiprocessing.get_context("fork")

    class Dataset:
        def __init__(self):
            self.predictor = ppinfer.Predictor(**keys)
        def __getitem__(self, index):
            return self.predictor.predict(images[index]).class_ids

    def work(dataset, tasks, results):
        while (index := tasks.get()) is not None:
            try:
                results.put(dataset[index])
            except ppinfer.Error as error:
                results.put(str(error))
                dataset.predictor = ppinfer.Predictor(**keys)

    dataset = Dataset()
    expected = dataset[0]
    tasks, results = fork.Queue(), fork.Queue()
    workers = [fork.Process(target=work, args=(dataset, tasks, results), daemon=True) for _ in range(2)]
    for worker in workers:
        worker.start()
    seen = []
    while seen.count(expected) < 3:
        tasks.put(0)
        seen.append(results.get(timeout=200))
    assert all(answer == expected or "before fork()" in answer for answer in seen), seen
    tasks.put(None)
    time.sleep(0.1)
    for worker in workers:
        worker.terminate()
        worker.join()
        assert worker.exitcode in (0, -signal.SIGTERM), worker.exitcode
    assert dataset[0] == expected
    """
    run(body, engine, model)


# A model of little weight is compiled once a lane, and runs in the lane's thread.
def test_a_light_model_in_a_child() -> None:
    body = """
    with ppinfer.Predictor(**keys) as predictor:
        expected = answers(predictor)
        assert in_child(lambda: own_answers() == expected) == 0
    assert in_child(lambda: own_answers() == expected) == 0
    """
    run(body, "openvino", model_file("tiny.pdmodel"))


@both_engines
def test_a_child_may_fork_again_and_end_without_closing(engine: str, model: Path) -> None:
    body = """
    predictor = ppinfer.Predictor(**keys)
    expected = answers(predictor)

    def child():
        global kept
        kept = ppinfer.Predictor(**keys)
        right = answers(kept) == expected
        return right and in_child(lambda: refused(lambda: answers(kept)) and own_answers() == expected, sys.exit) == 0

    assert in_child(child, sys.exit) == 0
    """
    run(body, engine, model)


# Names of ppinfer are imported at their first use. The stand-in takes its time in another thread.
def test_a_fork_while_a_name_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "slow_home.py").write_text("import builtins, time; builtins.begun.set(); time.sleep(1); Slow = 1")
    body = f"""
    import builtins
    sys.path.insert(0, {str(tmp_path)!r})
    builtins.begun = threading.Event()
    ppinfer._HOMES["Slow"] = "slow_home"
    thread = threading.Thread(target=lambda: ppinfer.Slow)
    thread.start()
    builtins.begun.wait()
    assert in_child(lambda: ppinfer.Slow == 1) == 0
    thread.join()
    """
    run(body, "openvino", model_file("tiny.pdmodel"))
