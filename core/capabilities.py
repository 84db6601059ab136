"""What a setting may need of this machine beyond its CPU, and in words why it is not there.

Asked by the form and the command line, so without torch: the GPU's driver and the installed packages say it.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from core import machine, permissions
from core.said import said

AMPERE = 8
"""The generation of NVIDIA GPUs (the first part of their compute capability) from which on they know bf16 and tf32."""


def _gpu() -> str:
    return "" if machine.has_gpu() else said("It takes an NVIDIA GPU, and this machine has none that can be used.")


def _ampere() -> str:
    if _gpu():
        return _gpu()
    if _generation() >= AMPERE:
        return ""
    return said("It takes an NVIDIA GPU of the Ampere generation (2020) or newer.")


def _bf16() -> str:
    if machine.has_gpu():
        return _ampere()
    if _cpu_flags() & {"avx512_bf16", "amx_bf16"}:
        return ""
    return said("It takes a GPU from 2020 on, or a CPU that computes with 16 bits; others would be slower with it.")


def _several_gpus() -> str:
    """Processes that learn together are told how many they are."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        return ""
    gpus = sum(device.cuda is not None for device in machine.devices())
    if gpus > 1:
        return ""
    return said(
        "It takes several GPUs, and this machine has one."
        if gpus
        else "It takes several GPUs, and this machine has none that can be used."
    )


def _package(name: str, extra: str = "") -> Callable[[], str]:
    def missing() -> str:
        wanted = f"'tunesmith[{extra}]'" if extra else name.replace("_", "-")
        return (
            ""
            if find_spec(name)
            else said("It takes the package {name}: pip install {wanted}.", name=name, wanted=wanted)
        )

    return missing


def _both(*conditions: Callable[[], str]) -> Callable[[], str]:
    return lambda: next(filter(None, (condition() for condition in conditions)), "")


@cache
def _generation() -> int:
    """The first part of the compute capability of the first GPU, as its driver says; 0 where it is mute.

    NVML is asked: to open CUDA itself here would break it in every process that is forked from this one.
    """
    major, minor, handle = ctypes.c_int(), ctypes.c_int(), ctypes.c_void_p()
    try:
        nvml = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return 0
    if nvml.nvmlInit_v2() != 0:
        return 0
    try:
        failed = nvml.nvmlDeviceGetHandleByIndex_v2(0, ctypes.byref(handle)) or (
            nvml.nvmlDeviceGetCudaComputeCapability(handle, ctypes.byref(major), ctypes.byref(minor))
        )
    finally:
        nvml.nvmlShutdown()
    return 0 if failed else major.value


@cache
def _cpu_flags() -> frozenset[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line.partition(":")[2] for line in lines if line.startswith("flags")), "").split())


def _command() -> str:
    return "" if permissions.allows("command") else said("Tunesmith was started without --allow command.")


CAPABILITIES: dict[str, Callable[[], str]] = {
    "gpu": _gpu,
    "ampere": _ampere,
    "bf16": _bf16,
    "several_gpus": _several_gpus,
    "bitsandbytes": _package("bitsandbytes", "quantized"),
    "deepspeed": _both(_several_gpus, _package("deepspeed")),
    "liger_kernel": _both(_gpu, _package("liger_kernel")),
    "command": _command,
    "trackio": _package("trackio", "trackio"),
    "wandb": _package("wandb", "wandb"),
}
"""Name -> why it is missing here, or an empty text where it is there."""

IN_WORDS: dict[str, str] = {
    "gpu": "an NVIDIA GPU",
    "ampere": "an NVIDIA GPU of 2020 or newer",
    "bf16": "an NVIDIA GPU of 2020 or newer, or a CPU with bf16",
    "several_gpus": "several NVIDIA GPUs",
    "bitsandbytes": "the package bitsandbytes",
    "deepspeed": "several NVIDIA GPUs, and the package deepspeed",
    "liger_kernel": "an NVIDIA GPU, and the package liger-kernel",
    "command": "the permission to run commands, given at start: --allow command",
    "trackio": "the package trackio",
    "wandb": "the package wandb",
}
"""The same names in words, which are true of any machine."""


def missing(needs: str) -> str:
    """Why this machine lacks what a setting ``needs``; empty when it has it, or when nothing is needed."""
    return CAPABILITIES[needs]() if needs else ""
