"""What this machine has: the numbers that defaults and estimates rest on, without importing torch."""

from __future__ import annotations

import os
import shutil
import time
from functools import cache
from pathlib import Path


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

    if not has_gpu():
        return None
    first = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
    memory = (ctypes.c_ulonglong * 3)()  # total, free, used
    handle = ctypes.c_void_p()
    try:
        nvml = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return None
    if nvml.nvmlInit_v2() != 0:
        return None
    try:
        found = (
            nvml.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(int(first)), ctypes.byref(handle))
            if first.isdigit()
            else nvml.nvmlDeviceGetHandleByUUID(first.encode(), ctypes.byref(handle))
        )
        said = found or nvml.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory))
    finally:
        nvml.nvmlShutdown()
    return None if said else int(memory[1])
