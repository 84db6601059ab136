"""How several processes share the steps of one: whatever their number, each step rests on the same examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.tasks import TASKS
from core.training.batching.sharing import IDLE, IdleToo, Marking, SharedBatches, sharing_of
from tests.lessons import School


def shares(total: int, batch: int, times: int, processes: int, at_once: bool, drops: bool = False) -> list[Any]:
    """The batches of each process, marked places as None."""
    found = []
    for number in range(processes):
        batches = SharedBatches(range(total), total, sharing_of(batch, times, processes, number, at_once, drops))
        mine = [[place if place >= 0 else None for place in one] for one in batches]
        assert len(batches) == len(mine), "as many as were promised"
        found.append(mine)
    return found


class TestSharing:
    @pytest.mark.parametrize("at_once", [True, False])
    @pytest.mark.parametrize("processes", [1, 2, 3, 5])
    @pytest.mark.parametrize(("total", "batch", "times"), [(23, 4, 2), (16, 8, 1), (17, 4, 4), (2, 4, 4)])
    def test_all_together_take_each_example_of_each_step_once(
        self, total: int, batch: int, times: int, processes: int, at_once: bool
    ) -> None:
        found = shares(total, batch, times, processes, at_once)
        assert len({len(mine) for mine in found}) == 1, "all have as many batches, or they would wait for ever"
        assert all(len(one) <= batch or at_once for mine in found for one in mine)
        a_step = sharing_of(batch, times, processes, 0, at_once, False).times
        for step, first in enumerate(range(0, len(found[0]), a_step)):
            taken = [place for mine in found for one in mine[first : first + a_step] for place in one]
            rows = range(step * batch * times, min(total, (step + 1) * batch * times))
            assert [place for place in taken if place is not None] == list(rows)

    def test_what_fills_no_batch_is_left_out_where_it_would_be_by_one(self) -> None:
        found = shares(23, 4, 2, 2, False, drops=True)
        assert sorted(place for mine in found for one in mine for place in one) == list(range(20))

    def test_who_has_nothing_left_keeps_time_and_counts_for_nothing(self) -> None:
        pieces: Any = type("Pieces", (), {"__getitems__": lambda self, places: [{"row": place} for place in places]})()
        marked = Marking(pieces).__getitems__([-3])
        assert marked == [{"row": 2, IDLE: True}]
        assert IdleToo(lambda some: {"rows": some})(marked) == {"rows": [{"row": 2}], IDLE: True}
        assert IdleToo(lambda some: [{"rows": some}])(marked) == [{"rows": [{"row": 2}], IDLE: True}]
        assert IDLE not in IdleToo(lambda some: {"rows": some})([{"row": 1}])


@pytest.mark.slow
def test_losses_and_gradients_of_the_shares_of_a_writing_model_add_up(tiny_llama: Path, tmp_path: Path) -> None:
    """Five rows for three processes, of which one is idle in a short step, as each computes its own."""
    import torch

    school = School(TASKS["causal-language-modeling"], tiny_llama, tmp_path)
    trainer = school.trainer(padding="whole")
    collate, pieces = trainer.data_collator, [school.pieces[place] for place in range(5)]
    whole = collate(pieces)
    trainer.model.eval()

    def learned(batch: Any, items: Any) -> tuple[float, Any]:
        trainer.model.zero_grad()
        loss = trainer.compute_loss(trainer.model, batch, num_items_in_batch=items)
        loss.backward()
        return float(loss.detach()), torch.cat([one.grad.flatten() for one in trainer.model.parameters()])

    for rows in (5, 2):
        items = trainer._get_num_items_in_batch([collate(pieces[:rows])], "cpu")
        expected, gradient = learned(collate(pieces[:rows]), items)
        total, added = 0.0, torch.zeros_like(gradient)
        for number in range(3):
            share = sharing_of(5, 1, 3, number, True, False).mine(range(rows))
            for places in share:
                batch = IdleToo(collate)(Marking(school.pieces).__getitems__(places))
                counted = trainer._get_num_items_in_batch([batch], "cpu")
                assert bool(counted) == (places[0] >= 0)
                loss, own = learned(batch, items)
                total, added = total + loss, added + own
        assert total == pytest.approx(expected, rel=1e-5)
        assert torch.allclose(added, gradient, atol=1e-6)
    assert whole["labels"].shape[0] == 5
