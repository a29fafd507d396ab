"""Networks: the same models as the command line, arrays, exceptions, lifetimes, threads, processes."""

import gc
import json
import logging
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import bouton
from bouton._arrays import Array
from bouton.errors import Status
from conftest import TEXT, bars

PROGRAM = os.environ.get("BOUTON_PROGRAM")
# A sanitizer that is loaded before this interpreter is no business of other programs.
PLAIN = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}


# ---- the same as the command line ----


@pytest.mark.skipif(not PROGRAM, reason="$BOUTON_PROGRAM does not name the program")
@pytest.mark.parametrize("kind, width", [(np.uint8, 20), (np.float32, 33), (np.float64, 20), (np.int16, 20)])
def test_model_is_that_of_the_command_line(tmp_path, samples, kind, width):
    X, y = samples
    X = X.astype(kind)
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", y)
    (tmp_path / "bars.btn").write_text(TEXT)
    model = tmp_path / "bars.safetensors"
    command = [PROGRAM, "train", "bars.btn", "-o", str(model), "--seed=5", f"--set=width={width}"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=PLAIN)
    wanted = model.read_bytes()
    net = bouton.compile(TEXT, name="bars.btn", set={"width": width})
    assert net.train(X, y, seed=5, threads=2).to_bytes() == wanted
    assert net.train(X[:, ::-1][:, ::-1], y.astype(np.float32), seed=5).to_bytes() == wanted
    own = bouton.load(tmp_path / "bars.btn", set={"width": width}, data=tmp_path)
    assert own.train(seed=5).to_bytes() == wanted
    net.save(tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == wanted
    told = subprocess.run(
        [PROGRAM, "predict", "--json", str(model), "X.npy"], cwd=tmp_path, check=True, capture_output=True, env=PLAIN
    )
    labels = [p["label"] for p in json.loads(told.stdout)["predictions"]]
    assert net.predict(X).tolist() == labels


# ---- answers ----


def test_answers_have_shapes_and_types(trained, samples):
    X, y = samples
    labels, shares, levels = trained.predict(X), trained.predict_proba(X), trained.levels(X)
    assert labels.dtype == np.uint32 and labels.shape == (200,) and (labels == y).mean() > 0.9
    assert shares.dtype == np.float32 and shares.shape == (200, 3)
    assert np.allclose(shares.sum(axis=1), 1) and (shares.argmax(axis=1) == labels).all()
    assert levels.min() >= 0 and levels.max() <= 1
    assert trained.score(X, y) == (labels == y).mean()
    told = trained.evaluate(X, y)
    assert told["samples"] == 200 and np.trace(np.array(told["confusion"])) == (labels == y).sum()
    assert np.array_equal(trained.predict(X[4]), labels[4:5])
    assert np.array_equal(trained.predict(X.reshape(200, 36)), labels)


@pytest.mark.parametrize("kind", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", ">i4", ">f8", "?"])
def test_every_type_of_number_is_read(trained, kind):
    X = np.random.default_rng(1).integers(0, 2, (30, 6, 6))
    assert np.array_equal(trained.predict(X.astype(kind)), trained.predict(X.astype(np.uint8)))


def test_every_layout_is_read(trained, samples):
    X, _ = samples
    labels = trained.predict(X)
    wide = np.zeros((200, 6, 12), np.float32)
    wide[:, :, ::2] = X
    for same in (np.asfortranarray(X), X[::-1][::-1], wide[:, :, ::2], X.tolist(), memoryview(np.array(X))):
        assert np.array_equal(trained.predict(same), labels)
    assert np.array_equal(trained.predict(X[::-3]), labels[::-3])


def test_plain_arrays_are_not_copied(samples):
    X, _ = samples
    status = Status()
    assert not Array(X, status).copies and not Array(X.astype(np.float32), status).copies
    assert Array(X.astype(np.float64), status).copies and Array(X[:, ::-1], status).copies
    assert Array(X, status).values is X


def test_why_adds_up(trained, samples):
    X, y = samples
    why = trained.why(X[1])
    assert why.answer == why.label == trained.predict(X[1])[0]
    assert why.adds.shape == (6, 6)
    assert why.adds.sum() + why.thresholds == pytest.approx(why.drive, abs=1e-4)
    assert abs(why.top(1)[0][1]) == np.abs(why.adds).max()
    assert trained.why(X[1], label=2).label == 2
    assert "<svg" in why._repr_html_()


# ---- layers ----


def test_layers_outlive_the_network(samples):
    net = bouton.compile(TEXT, set={"width": 7})
    start = net.layers["hidden"].alpha
    net.train(*samples, threads=1)
    layer = net.layers["hidden"]
    alpha, sign, theta = layer.alpha, layer.sign, net.layers["class"].theta
    assert alpha.shape == (7, 36) and alpha.dtype == np.float32 and not np.array_equal(alpha, start)
    assert set(np.unique(sign)) <= {-1, 1} and sign.dtype == np.int8 and theta.shape == (3,)
    assert list(net.layers) == ["hidden", "class"] and layer.kind == "dense" and layer.neurons == 7
    kept = alpha.copy()
    del net, layer
    gc.collect()
    assert np.array_equal(alpha, kept)
    with pytest.raises(ValueError):
        alpha[0, 0] = 1
    part = alpha[2:4]
    del alpha
    gc.collect()
    assert np.array_equal(part, kept[2:4])


def test_model_holds_the_same_numbers(trained):
    model = trained.to_bytes()
    length = int.from_bytes(model[:8], "little")
    place = json.loads(model[8 : 8 + length])["hidden.alpha"]
    begin, end = (8 + length + offset for offset in place["data_offsets"])
    assert trained.layers["hidden"].alpha.tobytes() == model[begin:end]


def test_objects_die_in_any_order(samples):
    X, y = samples
    whole = bouton.compile(TEXT).train(X, y, threads=1).to_bytes()
    gc.freeze()  # what is there already need not be searched again and again
    for order in (0, 1, 4):
        net = bouton.loads(whole) if order > 0 else bouton.compile(TEXT).train(X, y, threads=1)
        things = [net, net.layers, net.layers["class"].theta, net.why(X[0]), pickle.loads(pickle.dumps(net))]
        del net
        while things:
            things.pop(order % len(things))
            gc.collect()
    gc.unfreeze()


# ---- training ----


def test_progress_tells_epochs_and_stops(samples):
    told = []
    net = bouton.compile(TEXT).train(*samples, progress=told.append, threads=1)
    ends = [event for event in told if event.get("end")]
    assert [event["epoch"] for event in ends] == [1, 2, 3, 4, 5, 6]
    assert ends[0]["phase"] == "learn" and ends[0]["total"] == 160 and 0 <= ends[0]["validation"] <= 1
    assert [e["validation"] for e in net.history] == pytest.approx([e["validation"] for e in ends], abs=1e-6)
    net.train(*samples, progress=lambda event: not (event.get("end") and event["epoch"] == 2), threads=1)
    assert len(net.history) == 2 and net.trained


def test_an_exception_in_progress_comes_out(samples):
    def told(event):
        raise KeyError("mine")

    net = bouton.compile(TEXT)
    with pytest.raises(KeyError, match="mine"):
        net.train(*samples, progress=told)
    assert net.trained  # the state so far


def test_ctrl_c_stops_cleanly(samples):
    net = bouton.compile(TEXT.replace("epochs 6", "epochs 1000000"))
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))

    def told(event):
        if event.get("end") and event["epoch"] == 1:
            timer.start()

    with pytest.raises(KeyboardInterrupt):
        net.train(*samples, threads=1, progress=told)
    timer.join()
    assert net.trained and net.history and net.predict(samples[0]).shape == (200,)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_epochs_are_logged(samples, caplog):
    with caplog.at_level(logging.INFO, "bouton"):
        bouton.compile(TEXT).train(*samples, threads=1)
    assert sum("epoch" in record.message for record in caplog.records) == 6


def test_lines_without_tqdm(samples, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    bouton.compile(TEXT).train(*samples, threads=1, progress=True)
    assert capsys.readouterr().err.count("learn  epoch ") == 6


def test_a_bar_with_tqdm(samples, capsys):
    pytest.importorskip("tqdm")
    bouton.compile(TEXT).train(*samples, threads=1, progress=True)
    assert "learn: 100%" in capsys.readouterr().err


def test_it_learns_further(trained, samples):
    net = bouton.loads(trained.to_bytes())
    before = net.layers["class"].alpha
    net.train(*samples, further=True, threads=1)
    assert not np.array_equal(before, net.layers["class"].alpha)
    with pytest.raises(bouton.UsageError, match="already a trained model"):
        net.train(*samples)


def test_validation_and_test_are_given(samples):
    X, y = samples
    text = TEXT.replace("hold out 20% of train as validation;", "").replace("keep best on validation;", "")
    net = bouton.compile(text)
    told = []
    net.train(X[:100], y[:100], validation=(X[100:], y[100:]), test=(X[:50], y[:50]), progress=told.append, threads=1)
    assert told[0].get("total", 100) == 100 and any(event.get("validation") is not None for event in told)


# ---- texts, models, pickles ----


def test_a_text_with_a_mistake_is_an_exception():
    with pytest.raises(bouton.TextError) as caught:
        bouton.compile("network n {\n  input vector(3);\n  layer a = dence(3);\n}", name="my.btn")
    error = caught.value
    assert (error.code, error.line, error.column, error.file) == ("E0202", 3, 13, "my.btn")
    assert error.help == "did you mean `dense`?"
    assert "my.btn:3:13: error[E0202]: unknown word `dence`" in str(error) and "^~~~~" in str(error)
    assert isinstance(error, ValueError) and pickle.loads(pickle.dumps(error)).code == "E0202"


def test_what_it_is(trained):
    assert trained.name == "bars" and trained.shape == (6, 6) and trained.n_classes == 3 and trained.classes is None
    assert "dense(width)" in trained.text and repr(trained).startswith("<bouton.Network bars: hidden 20, class 3")
    assert "<polyline" in trained._repr_html_() and "not trained" in bouton.compile(TEXT)._repr_html_()


def test_it_is_pickled(trained, samples):
    same = pickle.loads(pickle.dumps(trained))
    assert np.allclose(same.predict_proba(samples[0]), trained.predict_proba(samples[0]), atol=1e-5)
    assert same.to_bytes() == trained.to_bytes()
    fresh = pickle.loads(pickle.dumps(bouton.compile(TEXT, set={"width": 9})))
    assert fresh.layers["hidden"].neurons == 9 and not fresh.trained


def test_verbs(trained, tmp_path):
    page = trained.report()
    assert page.startswith("<!DOCTYPE html>")
    trained.graph(tmp_path / "bars.svg")
    assert (tmp_path / "bars.svg").read_text() == trained.graph()
    made = trained.build(tmp_path / "bars", "obj")
    assert made == [tmp_path / "bars"] and made[0].stat().st_size > 1000
    with pytest.raises(bouton.UsageError, match="did you mean --emit?"):
        trained.run("build", "--emti=lib")


# ---- bad input ----


@pytest.mark.parametrize(
    "X, words",
    [
        (np.full((2, 6, 6), np.nan, np.float32), "not a finite number"),
        (np.full((2, 6, 6), np.inf), "not a finite number"),
        (np.full((2, 6, 6), 1e300), "not a finite number"),
        (np.zeros((2, 6, 5)), "6x5"),
        (np.zeros((0, 6, 6)), "0 sample"),
        (np.zeros((2, 6, 6), complex), "no numbers"),
        (np.array([["a"] * 36]), "no numbers"),
        (np.zeros((1, 1, 1, 6, 6)), "5 dimensions"),
    ],
)
def test_bad_samples_are_refused(trained, X, words):
    with pytest.raises(bouton.DataError, match=words) as caught:
        trained.predict(X)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "y, words",
    [
        (np.arange(200) % 4, "sample 3 has label 3; the network knows 0 to 2"),
        (np.arange(199) % 3, "199 labels for 200 samples"),
        (-np.ones(200, int), "label 0 is -1"),
        (np.full(200, 0.5), "label 0 is 0.5"),
        (np.array(["a"] * 200), "no numbers"),
    ],
)
def test_bad_labels_are_refused(samples, y, words):
    with pytest.raises(bouton.DataError, match=words):
        bouton.compile(TEXT).train(samples[0], y)


def test_other_mistakes(samples, tmp_path):
    net = bouton.compile(TEXT)
    with pytest.raises(bouton.NotTrainedError, match="has not been trained"):
        net.predict(samples[0])
    with pytest.raises(KeyError):
        net.layers["hiden"]
    with pytest.raises(bouton.UsageError, match="has no 'gain'"):
        net.layers["hidden"].gain
    with pytest.raises(bouton.FileError, match="no such file") as caught:
        bouton.load(tmp_path / "none.btn")
    assert isinstance(caught.value, OSError)
    (tmp_path / "damaged.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{nonsense}")
    with pytest.raises(bouton.FileError):
        bouton.load(tmp_path / "damaged.safetensors")
    with pytest.raises(bouton.BoutonError, match="X.npy"):
        net.train()
    with pytest.raises(bouton.TextError, match="nonsense"):
        bouton.compile(TEXT, set={"nonsense": 1})


@pytest.mark.parametrize("name, words", [("/nowhere/libbouton.so", "can't be loaded"), ("libm.so.6", "not bouton's")])
def test_a_wrong_library_is_told(name, words):
    code = "import bouton"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**PLAIN, "BOUTON_LIBRARY": name}, capture_output=True, text=True
    )
    assert done.returncode == 1 and "ImportError" in done.stderr and words in done.stderr


def test_a_library_of_another_version_is_told(tmp_path):
    source = tmp_path / "other.c"
    source.write_text("unsigned bouton_interface_version(void) { return 99; }\n")
    other = tmp_path / "libother.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(other), str(source)], check=True, env=PLAIN)
    done = subprocess.run(
        [sys.executable, "-c", "import bouton"],
        env={**PLAIN, "BOUTON_LIBRARY": str(other)},
        capture_output=True,
        text=True,
    )
    assert "version 99" in done.stderr and "needs version 1" in done.stderr


# ---- threads and processes ----


def test_threads_answer_while_another_trains(samples):
    X, y = samples
    net = bouton.compile(TEXT).train(X, y, threads=1)
    wanted, wrong = net.predict(X), []

    def ask():
        for _ in range(30):
            wrong.extend(np.flatnonzero(net.predict(X) != wanted))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    net.train(X, y, threads=1)
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_interpreter_runs_on(samples):
    net = bouton.compile(TEXT.replace("epochs 6", "epochs 400"))
    thread = threading.Thread(target=net.train, args=samples, kwargs={"threads": 1})
    thread.start()
    steps = 0
    while thread.is_alive():
        steps += 1
        time.sleep(0.001)
    assert steps > 5


def _child(model, X, queue):
    net = bouton.loads(model)
    queue.put(net.predict(X).tolist())


def test_a_forked_process_answers(trained, samples):
    trained.predict(samples[0])
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=lambda: queue.put(trained.predict(samples[0]).tolist()))
    child.start()
    assert queue.get(timeout=60) == trained.predict(samples[0]).tolist()
    child.join()
    assert child.exitcode == 0
