"""The Trainer of a script, as text: the stock one with a loss that adds up."""

from core.usage.code import Source, filled

_FAIR_TRAINER = '''
class FairTrainer(Trainer):
    """The Trainer, with the loss of a step as what it should be: a sum over all items, divided by their number.

    The stock one leaves that to the model, and most models ignore it: with gradient accumulation their loss comes out
    too large (https://github.com/huggingface/transformers/issues/47688). The loss of an evaluation is made alike.
    """

    loss_is_scaled_for_ga = True

    def get_batch_samples(self, *args):
        batches, _ = super().get_batch_samples(*args)
        return batches, sum(count_items(batch) for batch in batches)

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        total, outputs = $loss(model, inputs)
        items = num_items_in_batch if model.training else $items(inputs)
        if not model.training:
            self.judged.append((float(total), items))
        loss = total / (items or 1)
        return (loss, outputs) if return_outputs else loss

    def evaluation_loop(self, *args, metric_key_prefix="eval", **kwargs):
        self.judged = []
        # To open a data loader draws a random number: put back, so that training goes on as if nobody had looked.
        with torch.random.fork_rng():
            output = super().evaluation_loop(*args, metric_key_prefix=metric_key_prefix, **kwargs)
        totals, items = zip(*self.judged)
        output.metrics[f"{metric_key_prefix}_loss"] = sum(totals) / (sum(items) or 1)
        return output
'''


def fair_trainer(judged_by_plain: bool) -> str:
    """The class. With ``judged_by_plain`` it takes ``plain_loss`` and ``count_plain`` where nothing is learned."""
    loss = "(total_loss if model.training else plain_loss)" if judged_by_plain else "total_loss"
    items = "count_plain" if judged_by_plain else "count_items"
    return filled(_FAIR_TRAINER, loss=Source(loss), items=Source(items))
