"""One model with the mean of the weights of several (a "model soup": Wortsman et al. 2022, arXiv:2203.05482).

For workers only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.said import said


def averaged(folders: Sequence[Path], load: Callable[[str], Any]) -> Any:
    """The model of the first folder with the mean of all models' weights. What is no fraction stays as in the first.

    Raises ``RunError`` where the models are not of the same make.
    """
    import torch

    model = load(str(folders[0]))
    total = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    for folder in folders[1:]:
        other = load(str(folder)).state_dict()
        if {name: tensor.shape for name, tensor in other.items()} != {name: one.shape for name, one in total.items()}:
            raise RunError(
                said("These models are not of the same make, so their weights have no mean."),
                said("Choose runs that began with the same checkpoint, or put their answers together instead."),
            )
        for name, tensor in other.items():
            if torch.is_floating_point(tensor):
                total[name] += tensor
    mean = {name: one / len(folders) if torch.is_floating_point(one) else one for name, one in total.items()}
    model.load_state_dict(mean)
    return model
