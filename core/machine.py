"""What this machine has: the numbers that defaults and estimates rest on, without importing torch."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any


@cache
def cores() -> int:
    """CPU cores really granted to this process: its affinity, cut by a container's CPU quota."""
    granted = len(os.sched_getaffinity(0)) if "sched_getaffinity" in dir(os) else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
    except (OSError, ValueError):
        return granted
    return granted if quota == "max" else max(1, min(granted, round(int(quota) / int(period))))


def has_gpu() -> bool:
    """Whether an NVIDIA GPU is visible, told by its device file."""
    return Path("/dev/nvidia0").exists() and os.environ.get("CUDA_VISIBLE_DEVICES") != ""


def memory_available() -> int:
    """Bytes of memory that a new process could use now."""
    import psutil

    return int(psutil.virtual_memory().available)


def disk_free(path: Path) -> int:
    """Bytes free on the disk of ``path``."""
    return shutil.disk_usage(path).free


@cache
def matmul_flops() -> float:
    """Floating-point operations a second of a float32 matrix product on the CPU: a probe of about 0.1 s."""
    import numpy as np

    size = 768
    a = np.ones((size, size), dtype=np.float32)
    best = float("inf")
    for _ in range(4):
        began = time.perf_counter()
        a @ a
        best = min(best, time.perf_counter() - began)
    return 2 * size**3 / best


def gpu_memory_free() -> int | None:
    """Bytes free on the first NVIDIA GPU that may be used, as its driver says; None where there is none or it is mute.

    The driver's own library is asked (NVML), which takes milliseconds; torch would take seconds.
    """
    import ctypes

    memory = (ctypes.c_ulonglong * 3)()  # total, free, used
    with _first_gpu() as (nvml, handle):
        return int(memory[1]) if nvml and nvml.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) == 0 else None


def gpu_use() -> int | None:
    """Percent of the last moments (a sixth of a second to a second) in which the same GPU computed, for whomever."""
    import ctypes

    use = (ctypes.c_uint * 2)()  # of the GPU, of its memory's bandwidth
    with _first_gpu() as (nvml, handle):
        return int(use[0]) if nvml and nvml.nvmlDeviceGetUtilizationRates(handle, ctypes.byref(use)) == 0 else None


@contextmanager
def _first_gpu() -> Iterator[tuple[Any, Any]]:
    """(NVML, its handle of the first GPU that may be used); (None, None) where there is none or it is mute."""
    import ctypes

    handle = ctypes.c_void_p()
    try:
        nvml = ctypes.CDLL("libnvidia-ml.so.1") if has_gpu() else None
    except OSError:
        nvml = None
    if nvml is None or nvml.nvmlInit_v2() != 0:
        yield None, None
        return
    first = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
    try:
        refused = (
            nvml.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(int(first)), ctypes.byref(handle))
            if first.isdigit()
            else nvml.nvmlDeviceGetHandleByUUID(first.encode(), ctypes.byref(handle))
        )
        yield (None, None) if refused else (nvml, handle)
    finally:
        nvml.nvmlShutdown()
