"""Training in real processes: what it makes, tells and refuses, and that it goes on where it was killed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest

import lora_scene
from lora_scene import Stopped, Told
from sllm_core.learning.asking import Row
from sllm_core.learning.orders import Step
from sllm_core.models.adaptable import BaseWeights
from sllm_plugins.tuners.lora import extra, process, training
from sllm_plugins.tuners.lora.checkpoints import digest_of
from sllm_plugins.tuners.lora.config import LoraConfig
from sllm_plugins.tuners.lora.extra import ExtraMissing
from sllm_plugins.tuners.lora.plan import DoesNotFit
from sllm_plugins.tuners.lora.process import TrainingFailed
from sllm_plugins.tuners.lora.training import Trained, train

STEPS = 6

with_extra = pytest.mark.skipif(find_spec("torch") is None, reason="needs pip install 'sllm[tune]'")


@pytest.fixture(scope="module", autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What other tests train is not waited for."""
    with pytest.MonkeyPatch.context() as patch:
        lock = tmp_path_factory.mktemp("lock") / "lock"
        patch.setattr(process, "_lock_file", lambda: lock)
        yield lock


def trained(folder: Path, told: Told | None = None, rows: Sequence[Row] = (), **fields: object) -> Trained:
    """An adapter without dropout, so that several processes come to what one does."""
    work = lora_scene.work(folder, (told or Told()).tell)
    learnt, held = rows or lora_scene.rows(12), lora_scene.rows(4, 100)
    config = lora_scene.settings(**{"dropout": 0, **fields})
    return asyncio.run(train(config, lora_scene.base(), learnt, held, work, lora_scene.rendered))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, Told]:
    """An adapter of six steps, and what was told meanwhile."""
    pytest.importorskip("torch", reason="needs pip install 'sllm[tune]'")
    told = Told()
    return trained(tmp_path_factory.mktemp("run"), told), told


def test_an_adapter_comes_in_the_form_of_peft(made: tuple[Trained, Told]) -> None:
    folder = made[0].folder
    assert {"adapter_model.safetensors", "adapter_config.json"} <= {each.name for each in folder.iterdir()}
    assert made[0].digest == digest_of(folder / "adapter_model.safetensors")
    assert made[0].base == lora_scene.base()


def test_an_adapter_says_nothing_of_the_machine(made: tuple[Trained, Told]) -> None:
    text = (made[0].folder / "adapter_config.json").read_text()
    assert str(Path.home()) not in text and str(made[0].folder.parent) not in text


def test_an_adapter_is_on_the_seven_matrices_of_each_layer(made: tuple[Trained, Told]) -> None:
    from safetensors import safe_open

    with safe_open(made[0].folder / "adapter_model.safetensors", "np") as file:
        assert len(list(file.keys())) == 2 * 7 * 2


def test_how_far_it_is_is_told_with_the_time_that_is_left(made: tuple[Trained, Told]) -> None:
    assert [each.done for each in made[1].steps if each.done] == list(range(1, STEPS + 1))
    assert all("tokens/s, about" in each and "left" in each for each in lora_scene.sentences(made[1].steps))


def test_what_was_measured_is_told(made: tuple[Trained, Told]) -> None:
    metrics = made[0].metrics
    assert (metrics["steps"], metrics["done"], metrics["rows"], metrics["left_out"]) == (STEPS, STEPS, 12, 0)
    assert metrics["tokens_per_second"] > 0 and metrics["memory"]["machine"] > 0


def test_what_is_done_is_not_done_again(made: tuple[Trained, Told], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "command", lambda *given: ("false",))
    assert trained(made[0].folder.parents[1]) == made[0]


KILLED = """
import os, signal
from sllm_plugins.tuners.lora import child, voice

class Mortal(voice.Voice):
    def tell(self, done, total, detail):
        super().tell(done, total, detail)
        if done == 3:
            os.kill(os.getpid(), signal.SIGKILL)

voice.Voice = Mortal
child.main()
"""


def test_a_killed_training_says_so_and_comes_to_the_same_bytes(
    made: tuple[Trained, Told], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(process, "command", lambda config, work: (sys.executable, "-c", KILLED, str(work)))
        with pytest.raises(TrainingFailed, match=r"killed, as systems do when memory runs out: lower .* is gone on"):
            trained(tmp_path)
    told = Told()
    assert trained(tmp_path, told).digest == made[0].digest
    assert min(each.done for each in told.steps if each.done) == 3


def test_two_processes_learn_what_one_does(made: tuple[Trained, Told], tmp_path: Path) -> None:
    assert trained(tmp_path, processes=2).metrics["held"] == pytest.approx(made[0].metrics["held"], rel=1e-4)


@with_extra
def test_who_is_told_may_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = '{"done": 1, "total": 2, "detail": ""}'
    monkeypatch.setattr(process, "command", lambda *given: ("sh", "-c", f"echo '{line}'; exec sleep 100"))
    with pytest.raises(Stopped):
        trained(tmp_path, Told(stop=1))


@with_extra
def test_other_labels_begin_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "command", lambda *given: ("false",))
    (tmp_path / "training-0123").mkdir()
    with pytest.raises(TrainingFailed, match="the training failed: without a word"):
        trained(tmp_path)
    assert not (tmp_path / "training-0123").exists()
    first = next(tmp_path.glob("training-*"))
    with pytest.raises(TrainingFailed):
        trained(tmp_path, rows=lora_scene.rows(11))
    assert [first] != list(tmp_path.glob("training-*")) != []


@with_extra
def test_more_patience_goes_on_with_what_was_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "command", lambda *given: ("false",))
    for hours in (1, 2):
        with pytest.raises(TrainingFailed):
            trained(tmp_path, patience=timedelta(hours=hours))
    assert len(list(tmp_path.glob("training-*"))) == 1


def test_when_patience_ends_what_was_learnt_is_taken(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs pip install 'sllm[tune]'")
    found = trained(tmp_path, least_steps=8, patience=timedelta(milliseconds=1))
    assert (found.metrics["done"], found.metrics["steps"]) == (1, 8)


def test_too_little_time_is_told_with_what_it_takes(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs pip install 'sllm[tune]'")
    with pytest.raises(TrainingFailed, match=r'1 of 500 steps .* set \[plugins.lora\] patience = "1h", lower epochs'):
        trained(tmp_path, least_steps=500, patience=timedelta(milliseconds=1))


def test_a_base_in_hugging_face_form_is_trained_on(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs pip install 'sllm[tune]'")
    place = tmp_path / "base"
    place.mkdir()
    program = "import sys, lora_scene, pathlib; lora_scene.written(pathlib.Path(sys.argv[1]))"
    path = os.pathsep.join([str(Path(lora_scene.__file__).parent), os.environ.get("PYTHONPATH", "")])
    subprocess.run([sys.executable, "-c", program, str(place)], check=True, env={**os.environ, "PYTHONPATH": path})
    work = lora_scene.work(tmp_path / "run")
    found = asyncio.run(train(lora_scene.settings(base=str(place)), lora_scene.base(), lora_scene.rows(6), (), work))
    assert (found.base, found.metrics["held"]) == (place, None)


def test_a_training_ends_with_who_has_started_it(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "sllm_plugins.tuners.lora.child", str(tmp_path))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(60) != 0


@with_extra
def test_one_training_waits_for_another(tmp_path: Path, alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    monkeypatch.setattr(process, "POLL", 0)
    monkeypatch.setattr(process, "command", lambda *given: ("false",))
    told: list[str] = []
    with alone.open("a+") as other:
        fcntl.flock(other, fcntl.LOCK_EX)

        def free(step: Step) -> None:
            told.append(step.detail)
            if "another training runs" in step.detail:
                fcntl.flock(other, fcntl.LOCK_UN)

        with pytest.raises(TrainingFailed, match="without a word"):
            asyncio.run(
                train(lora_scene.settings(), lora_scene.base(), lora_scene.rows(2), (), lora_scene.work(tmp_path, free))
            )
    assert told[-1] == "another training runs on this machine; this one waits for it"


@with_extra
def test_what_a_training_said_last_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "command", lambda *given: ("sh", "-c", "echo no such luck >&2; exit 1"))
    with pytest.raises(TrainingFailed, match="the training failed: no such luck"):
        trained(tmp_path)


@pytest.mark.parametrize(
    ("missing", "quantised", "told"),
    [
        ("peft", False, r"tuning the language model needs peft: pip install 'sllm\[tune\]'"),
        ("bitsandbytes", True, "quantised = true needs bitsandbytes: pip install bitsandbytes"),
    ],
)
def test_a_missing_library_is_named_with_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str, quantised: bool, told: str
) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda name: None if name == missing else object())
    with pytest.raises(ExtraMissing, match=told):
        trained(tmp_path, quantised=quantised)


@with_extra
def test_weights_that_are_elsewhere_are_told_with_what_to_do(tmp_path: Path) -> None:
    served = BaseWeights("llama3", "0" * 64, {}, "")
    with pytest.raises(TrainingFailed, match=r"the weights of llama3 are not on this machine.*OLLAMA_MODELS"):
        asyncio.run(train(LoraConfig(), served, (), (), lora_scene.work(tmp_path)))


@with_extra
def test_too_little_memory_is_told_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "free_memory", lambda: 100_000_000)
    about = {
        "general.architecture": "llama",
        "llama.block_count": 32,
        "llama.embedding_length": 4096,
        "llama.feed_forward_length": 14_336,
        "llama.attention.head_count": 32,
    }
    served = BaseWeights("llama3", "0" * 64, about, "", lora_scene.base())
    with pytest.raises(DoesNotFit, match=r"billion parameters.* of the 0\.1 GB that are free"):
        asyncio.run(train(lora_scene.settings(), served, (), (), lora_scene.work(tmp_path)))


def test_several_processes_are_started_by_torch() -> None:
    several = lora_scene.settings(processes=4)
    assert process.command(several, Path("w"))[1:] == (
        *("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=4"),
        *("-m", "sllm_plugins.tuners.lora.child", "w"),
    )


def test_one_process_sees_one_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,3")
    seen = [
        process.environment(LoraConfig.model_validate(each))["CUDA_VISIBLE_DEVICES"]
        for each in ({}, {"processes": 2}, {"devices": "cpu"})
    ]
    assert seen == ["2", "2,3", ""]
