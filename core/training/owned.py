"""The arguments of ``transformers.TrainingArguments`` that are no settings here, each with the reason.

What nobody may set is what a run must rely on: where it lies, how it judges, what it publishes. A config that names one
of these is refused with the sentence that stands here.
"""

from __future__ import annotations

_HUB = "what is published is said in the section hub: use hub."
_ALONE = "the other processes of a run on several machines are not started here"
_JUDGED = "progress is checked as the final judgement runs, which "

OWNED: dict[str, str] = {
    "output_dir": "a run has its own folder, which is chosen by the app",
    "do_train": "a run always trains",
    "do_eval": "a run always judges; use eval_strategy for the checks on the way",
    "do_predict": "use `python -m core.cli predict`, or the page Try it",
    "use_cache": "while it learns nothing can be reused; when it writes, the task decides",
    "prediction_loss_only": _JUDGED + "needs the answers themselves",
    "eval_do_concat_batches": _JUDGED + "puts them together itself",
    "eval_use_gather_object": _JUDGED + "takes place in one process",
    "eval_accumulation_steps": _JUDGED + "takes each batch's answers off the GPU at once, so there is nothing to save",
    "include_for_metrics": _JUDGED + "has the texts at hand; use custom.metrics for measures of your own",
    "batch_eval_metrics": _JUDGED + "measures over all examples at once",
    "bf16_full_eval": _JUDGED + "computes as precisely as the training; use bf16 for both",
    "fp16_full_eval": _JUDGED + "computes as precisely as the training; use fp16 for both",
    "load_best_model_at_end": "it is so wherever there are checks and checkpoints; use eval_strategy and save_strategy",
    "average_tokens_across_devices": "the loss is always a mean over the tokens of all devices",
    "logging_nan_inf_filter": "a loss that is no number would be shown as 0, and the run would train on in ruins",
    "log_level": "what happens is said in the run's events and its log",
    "log_level_replica": _ALONE,
    "log_on_each_node": _ALONE,
    "save_on_each_node": _ALONE,
    "local_rank": "it is for whatever starts the processes to say",
    "disable_tqdm": "progress is shown on the page and by the command line",
    "enable_jit_checkpoint": "a run that is asked to leave saves a whole checkpoint first, in its own way",
    "ignore_data_skip": "a run that is taken up goes on with the very next example, always",
    "restore_callback_states_from_checkpoint": "a run that is taken up restores what it needs, always",
    "remove_unused_columns": "each task says which columns its model reads",
    "label_names": "each task says what its labels are called",
    "length_column_name": "lengths are counted from the tokens",
    "dataloader_in_order": "a run that is taken up must meet the same batches in the same order",
    "dataloader_multiprocessing_context": "how helper processes are made is chosen by the machine",
    "accelerator_config": "how batches are handed out follows from the other settings",
    "parallelism_config": "it is for models that one machine cannot hold, which are not trained here",
    "optim_target_modules": "it is for optimizers (GaLore, APOLLO) that are not offered here",
    "lr_scheduler_kwargs": "its parts are settings: use num_cycles, power, lr_end, min_lr_rate and the others",
    "activation_checkpointing_kwargs": "the way that is right for every model here is chosen",
    "liger_kernel_config": "all pieces are used that fit the model",
    "skip_memory_metrics": "memory is measured all along, and shown",
    "debug": "it is for finding mistakes in transformers itself",
    "trackio_bucket_id": "curves are kept on this machine or in a Space: use trackio_space_id",
    "trackio_static_space_id": "curves are kept on this machine or in a Space: use trackio_space_id",
    "push_to_hub": _HUB + "push_to_hub",
    "hub_model_id": _HUB + "hub_model_id",
    "hub_strategy": _HUB + "hub_strategy",
    "hub_private_repo": _HUB + "hub_private_repo",
    "hub_token": "a token is never part of a config: sign in on the page Account, or with `hf auth login`",
    "hub_always_push": "what is saved is published in order, one after the other",
    "hub_revision": "what is published goes to the main branch",
    "gradient_checkpointing": "it is called activation_checkpointing now: use that",
    "gradient_checkpointing_kwargs": "the way that is right for every model here is chosen",
}
"""Name -> why it is no setting, or what to use instead. They are arguments of the installed transformers."""

GONE: dict[str, str] = {
    "warmup_ratio": "use warmup_steps: below 1 it is a share of the run",
    "evaluation_strategy": "use eval_strategy",
    "overwrite_output_dir": "a run has its own folder, which is chosen by the app",
    "logging_dir": "curves lie in the run's own folder; use report_to to choose a tracker",
    "group_by_length": "use train_sampling_strategy: group_by_length",
    "fp16_opt_level": "it went with NVIDIA Apex: use fp16 alone",
    "fp16_backend": "it went with NVIDIA Apex: use fp16 alone",
    "half_precision_backend": "it went with NVIDIA Apex: use fp16 or bf16 alone",
    "no_cuda": "use use_cpu",
    "use_mps_device": "the device is found by itself; use use_cpu to leave it alone",
    "save_safetensors": "weights are always saved as safetensors",
    "push_to_hub_token": OWNED["hub_token"],
    "push_to_hub_model_id": _HUB + "hub_model_id",
    "push_to_hub_organization": _HUB + "hub_model_id, as owner/name",
    "include_tokens_per_second": "use include_num_input_tokens_seen",
    "include_inputs_for_metrics": OWNED["include_for_metrics"],
    "per_gpu_train_batch_size": "use per_device_train_batch_size",
    "per_gpu_eval_batch_size": "use per_device_eval_batch_size",
    "jit_mode_eval": "transformers no longer has it",
    "use_ipex": "transformers no longer has it",
    "tpu_num_cores": "transformers no longer has it",
    "tpu_metrics_debug": "transformers no longer has it",
    "past_index": "transformers no longer has it",
    "ray_scope": "transformers no longer has it",
    "torchdynamo": "use torch_compile and torch_compile_backend",
    "mp_parameters": "transformers no longer has it",
    "use_legacy_prediction_loop": "transformers no longer has it",
    "fsdp_min_num_params": "it is part of fsdp_config now",
    "fsdp_transformer_layer_cls_to_wrap": "it is part of fsdp_config now",
    "split_batches": OWNED["accelerator_config"],
    "dispatch_batches": OWNED["accelerator_config"],
}
"""The same for names that older versions had, which many guides still show."""


def instead(name: str) -> str:
    """Why a name is no setting of the training, or what to use instead; empty where nothing is known of it."""
    if name in OWNED:
        return f"this is not set here: {OWNED[name]}"
    return f"this is no longer a setting: {GONE[name]}" if name in GONE else ""
