"""A worker trains on one GPU, however many there are."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from core import worker
from tests.making import PROJECT


@pytest.mark.parametrize(
    ("given", "kept"),
    [(None, "0"), ("0", "0"), ("2,3", "2"), ("GPU-8f2a,GPU-11c0", "GPU-8f2a"), ("", ""), ("-1", "-1")],
)
def test_one_of_the_visible_gpus_is_kept(given: str | None, kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Set first in any case, so that it is put back after the test.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", given or "")
    if given is None:
        del os.environ["CUDA_VISIBLE_DEVICES"]
    worker.keep_one_device()
    assert os.environ["CUDA_VISIBLE_DEVICES"] == kept


def test_it_is_kept_before_torch_is_imported() -> None:
    code = (
        "import os, sys; from core import worker\n"
        "def seen(): print(os.environ['CUDA_VISIBLE_DEVICES'], 'torch' in sys.modules)\n"
        "worker.warm_up = seen; sys.exit(worker.main())"
    )
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "1,0"}
    command = [sys.executable, "-c", code]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stdin=pipe, stdout=pipe, text=True) as waiting:
        assert waiting.stdout is not None and waiting.stdin is not None
        assert waiting.stdout.readline().split() == ["1", "False"]
        waiting.stdin.close()
