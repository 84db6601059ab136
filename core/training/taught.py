"""What the settings change in the model and the loss before anything is learned, and what is said of it."""

from __future__ import annotations

from typing import Any

from core.said import said
from core.training import optimizers
from core.training.dropouts import set_dropouts
from core.training.freezing import freeze
from core.training.losses import Loss, smoothed
from core.training.optimizers import Rates
from core.training.shop import Workshop


def shape(shop: Workshop, model: Any) -> None:
    """Set the dropouts of a new model and freeze what is to stay as it is. An adapter comes after this, and decides
    itself what learns.
    """
    wanted, training = shop.config.model, shop.config.training
    shop.notices(set_dropouts(model, wanted.dropout, wanted.attention_dropout, wanted.classifier_dropout))
    if not shop.config.adapter.is_used:
        shop.notices(freeze(model, training.freeze, training.frozen_layers))
    elif training.freeze != "none":
        shop.notice(
            said("With an adapter nothing else is frozen: all of the model beneath it stays as it is."),
            said("The adapter learns, and the layer that answers."),
        )


def loss_of(shop: Workshop, context: Any) -> Loss:
    """The loss to learn by, its labels smoothed where that is wanted and it is of such a kind. Checks go by the plain
    one.
    """
    amount = shop.config.training.label_smoothing_factor
    loss, fits = smoothed(shop.task.learned_by(context), amount)
    if not fits:
        shop.notice(
            said("Label smoothing is not used: this task does not choose one right answer out of several."),
            said("There is nothing to share out between the right answer and the others."),
            "warning",
        )
    return loss


def rates_of(shop: Workshop, model: Any) -> Rates:
    """The learning rates of a model that is ready to train."""
    training = shop.config.training
    rates = Rates(training.learning_rate, training.layerwise_lr_decay, training.head_learning_rate)
    shop.notices(optimizers.about(model, rates))
    return rates
