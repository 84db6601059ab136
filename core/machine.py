"""What this machine has: the numbers that defaults and estimates rest on, without importing torch."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_GPU = re.compile(r"\d+|(GPU|MIG)-[\w./-]+")

DEVICES = "TUNESMITH_DEVICES"
"""How many runs may go side by side: that many places on a machine without a GPU, at most that many of its GPUs."""


@dataclass(frozen=True)
class Device:
    """What one run at a time may have. ``name`` is part of a file's name; ``cuda`` is what ``CUDA_VISIBLE_DEVICES`` has
    to be for it, None where no GPU is meant.
    """

    name: str
    cuda: str | None = None


@cache
def cores() -> int:
    """CPU cores really granted to this process: its affinity, cut by a container's CPU quota."""
    granted = len(os.sched_getaffinity(0)) if "sched_getaffinity" in dir(os) else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
    except (OSError, ValueError):
        return granted
    return granted if quota == "max" else max(1, min(granted, round(int(quota) / int(period))))


@cache
def processor() -> str:
    """What kind of processor this is, in its own words, with what it can compute: two of one name may differ."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    named = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in reversed(lines))}
    flags = hashlib.blake2b(named.get("flags", named.get("Features", "")).encode(), digest_size=4).hexdigest()
    model = " ".join(named.get(key, "") for key in ("model name", "cpu family", "model", "stepping"))
    return f"{model or platform.machine()} {flags}"


def is_busy() -> bool:
    """Whether others have been computing in the last minute, on more than half of the cores."""
    return os.getloadavg()[0] > cores() / 2


def devices() -> tuple[Device, ...]:
    """What runs may have, one each: the GPUs that may be used, else the processor, in one place or several."""
    wanted = os.environ.get(DEVICES, "")
    most = int(wanted) if wanted.isdecimal() and int(wanted) else None
    gpus = _visible_gpus() if has_gpu() else ()
    if gpus:
        return tuple(Device(f"gpu-{name.replace('/', '-')}", name) for name in gpus[:most])
    return tuple(Device(f"cpu-{number}" if number > 1 else "cpu") for number in range(1, (most or 1) + 1))


def threads() -> int:
    """How many threads one run may have: runs that go side by side share the cores."""
    return max(1, cores() // len(devices()))


def _visible_gpus() -> tuple[str, ...]:
    """Their names as ``CUDA_VISIBLE_DEVICES`` has them: numbers, or ids such as ``GPU-8f2a…``. What follows a name that
    can be none, such as -1, is not seen, as the driver has it.
    """
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is None:
        return tuple(str(number) for number in range(_count_gpus()))
    names = [name.strip() for name in named.split(",")]
    end = next((place for place, name in enumerate(names) if not _GPU.fullmatch(name)), len(names))
    return tuple(dict.fromkeys(names[:end]))


@cache
def _count_gpus() -> int:
    """As many as the driver counts, which are those that this process may open; else as many as have device files."""
    import ctypes

    files = [path for path in Path("/dev").glob("nvidia*") if path.name.removeprefix("nvidia").isdecimal()]
    count = ctypes.c_uint()
    try:
        nvml = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return len(files)
    if nvml.nvmlInit_v2() != 0:
        return len(files)
    try:
        said = nvml.nvmlDeviceGetCount_v2(ctypes.byref(count))
    finally:
        nvml.nvmlShutdown()
    return len(files) if said else int(count.value)


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


def gpu_name() -> str:
    """What the first GPU that may be used is called; empty where there is none or its driver is mute."""
    import ctypes

    name = ctypes.create_string_buffer(96)
    with _first_gpu() as (nvml, handle):
        told = bool(nvml) and nvml.nvmlDeviceGetName(handle, name, ctypes.c_uint(len(name))) == 0
    return name.value.decode(errors="replace") if told else ""


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
