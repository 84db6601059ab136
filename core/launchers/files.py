"""The files in a run's folder that accelerate, FSDP and DeepSpeed read: made from the config, there for people to see.

Sources: accelerate's ``ClusterConfig``, the ``fsdp_config`` of transformers' ``TrainingArguments`` (version 2), and
DeepSpeed's configuration JSON, in which ``auto`` is filled in by transformers from the same arguments.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from core.config import RunConfig
from core.distribution_config import DistributionConfig
from core.runs import Run, write_atomically

ACCELERATE, FSDP, DEEPSPEED = "accelerate.yaml", "fsdp.json", "deepspeed.json"


def write(run: Run, number: int, here: int, total: int) -> Path:
    """Write all that a start takes; returns the file for ``accelerate launch`` on machine ``number``."""
    wanted = run.config.distribution
    name = ACCELERATE if number == 0 else f"accelerate-{number}.yaml"
    write_atomically(run.path / name, yaml.safe_dump(accelerate(wanted, number, here, total), sort_keys=False))
    if number == 0 and wanted.strategy == "fsdp":
        write_atomically(run.path / FSDP, json.dumps(fsdp(run.config), indent=2))
    if number == 0 and wanted.strategy.startswith("deepspeed"):
        write_atomically(run.path / DEEPSPEED, json.dumps(deepspeed(wanted), indent=2))
    return run.path / name


def accelerate(wanted: DistributionConfig, number: int, here: int, total: int) -> dict[str, Any]:
    """As ``accelerate config`` would write it. ``MULTI_GPU`` is right for CPUs too: ``MULTI_CPU`` starts one process
    alone, without a word, and the processes find out themselves which devices they have.
    """
    several = total > here
    return {
        "compute_environment": "LOCAL_MACHINE",
        "distributed_type": "MULTI_GPU" if total > 1 else "NO",
        "num_processes": total,
        "num_machines": max(1, total // here),
        "machine_rank": number,
        "main_process_ip": wanted.address if several else None,
        # 0 is any free one.
        "main_process_port": wanted.port if several else 0,
        "same_network": True,
        "rdzv_backend": "static",
        "gpu_ids": "all",
        "mixed_precision": "no",
        "use_cpu": False,
        "debug": False,
        "main_training_function": "main",
        "downcast_bf16": "no",
    }


def fsdp(config: RunConfig) -> dict[str, Any]:
    """Each process holds a part of the weights; checkpoints hold the whole model, as any other run's do."""
    return {
        "version": 2,
        "reshard_after_forward": True,
        "cpu_offload": config.distribution.offload,
        "state_dict_type": "FULL_STATE_DICT",
        "auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
    }


def deepspeed(wanted: DistributionConfig) -> dict[str, Any]:
    """ZeRO 2 shares out gradients and the optimizer, ZeRO 3 the weights too (Rajbhandari et al. 2020)."""
    stage = 3 if wanted.strategy == "deepspeed_zero3" else 2
    zero: dict[str, Any] = {"stage": stage, "overlap_comm": True, "contiguous_gradients": True}
    if wanted.offload:
        zero["offload_optimizer"] = {"device": "cpu", "pin_memory": True}
    if stage == 3:
        zero["stage3_gather_16bit_weights_on_model_save"] = True
        if wanted.offload:
            zero["offload_param"] = {"device": "cpu", "pin_memory": True}
    return {
        "zero_optimization": zero,
        "bf16": {"enabled": "auto"},
        "fp16": {"enabled": "auto"},
        "gradient_clipping": "auto",
        "gradient_accumulation_steps": "auto",
        "train_micro_batch_size_per_gpu": "auto",
        "train_batch_size": "auto",
        "zero_allow_untested_optimizer": True,
    }
