"""Devices and precisions, on whatever machine runs this."""

from __future__ import annotations

import pytest
import torch

from model.device import choose_device, choose_dtype, send
from model.errors import DeviceUnavailable


def test_auto_takes_the_best_device_there_is() -> None:
    if torch.cuda.is_available():
        assert choose_device("auto") == "cuda"
    elif torch.backends.mps.is_available():
        assert choose_device("auto") == "mps"
    else:
        assert choose_device("auto") == "cpu"


def test_the_cpu_is_always_there() -> None:
    assert choose_device("cpu") == "cpu"


def test_a_device_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(DeviceUnavailable, match=r"'gpu'.*auto, cuda, mps, cpu"):
        choose_device("gpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has an NVIDIA GPU")
@pytest.mark.parametrize("wanted", ["cuda", "cuda:1"])
def test_cuda_without_a_gpu_is_refused_with_the_way_out(wanted: str) -> None:
    with pytest.raises(DeviceUnavailable, match="--device auto"):
        choose_device(wanted)


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="this machine has an Apple GPU")
def test_mps_without_a_gpu_is_refused_with_the_way_out() -> None:
    with pytest.raises(DeviceUnavailable, match="--device auto"):
        choose_device("mps")


def test_the_cpu_computes_in_float32() -> None:
    assert choose_dtype("cpu") is torch.float32


def test_apple_gpus_compute_in_float16() -> None:
    assert choose_dtype("mps") is torch.float16


def test_the_precision_asked_for_is_taken() -> None:
    assert choose_dtype("cpu") == torch.float32
    assert choose_dtype("cpu", "bfloat16") == torch.bfloat16
    assert choose_dtype("cuda", "float32") == torch.float32


def test_a_precision_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(DeviceUnavailable, match=r"'int8'.*auto, float32, bfloat16, float16"):
        choose_dtype("cpu", "int8")


def test_what_is_sent_arrives_as_it_was_or_in_the_precision_asked_for() -> None:
    device = choose_device("auto")
    values = torch.tensor([[1.0, -2.5], [3.0, 1 / 3]])
    assert torch.equal(send(values, device).cpu(), values)
    assert torch.equal(send(values, device, torch.bfloat16).cpu(), values.to(torch.bfloat16))
    assert send(torch.tensor([3]), device).dtype == torch.int64


def test_on_the_cpu_nothing_is_copied() -> None:
    values = torch.ones(3)
    assert send(values, "cpu", torch.float32) is values
