"""Early signs: told on runs that go wrong, once; never on runs that go well. Made-up numbers, no training."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable

from core import events
from core.training.signs.signs import Signs
from core.training.signs.times import Times
from core.training.signs.types import Plan, Sign
from ui import languages
from ui.languages import LANGUAGES, speaking

PLAN = Plan(total_steps=400, learning_rate=5e-5, num_train_epochs=4, warmup_steps=40)
FALLING = [1.0 - step / 100 for step in range(80)]


def noisy(value: float, chance: random.Random, spread: float = 0.15) -> float:
    return max(0.0, value + chance.gauss(0, spread))


def told(signs: Signs, losses: Iterable[float], norms: Iterable[float] | None = None, start: int = 1) -> list[Sign]:
    values = list(losses)
    gradients = list(norms) if norms is not None else [1.0] * len(values)
    found: list[Sign] = []
    for step, (loss, norm) in enumerate(zip(values, gradients, strict=True), start):
        found += signs.stepped(step, loss, norm)
    return found


def codes(signs: Iterable[Sign]) -> list[str]:
    return [sign.code for sign in signs]


class TestOrdinaryRuns:
    def test_say_nothing(self) -> None:
        for seed in range(60):
            chance = random.Random(seed)
            signs, found = Signs(PLAN), []
            for epoch in range(4):
                steps = range(epoch * 100, epoch * 100 + 100)
                losses = [noisy(0.1 + 0.6 * math.exp(-step / 120), chance) for step in steps]
                found += told(signs, losses, [chance.lognormvariate(0, 0.8) for _ in steps], steps[0] + 1)
                mark = 0.6 + 0.08 * epoch
                found += signs.checked(
                    steps[-1] + 1, epoch + 1, noisy(0.5 - 0.02 * epoch, chance, 0.01), mark, {"f1": mark}
                )
            assert not found, (seed, found)

    def test_that_are_short_say_nothing_for_want_of_evidence(self) -> None:
        signs = Signs(Plan(total_steps=21, learning_rate=1e-9, num_train_epochs=3))
        found: list[Sign] = []
        for epoch in range(3):
            found += told(signs, [0.69] * 7, start=epoch * 7 + 1)
            found += signs.checked(epoch * 7 + 7, epoch + 1, 0.7, 0.5, {"accuracy": 0.5})
        assert not found

    def test_that_have_learned_all_may_meet_a_hard_example(self) -> None:
        norms = [2.0] * 40 + [0.001, 0.001, 3.0] * 100
        assert not told(Signs(PLAN), [0.5] * 40 + [0.01] * 300, norms)


class TestTheLoss:
    def test_that_does_not_fall_is_told_once_with_a_larger_rate_where_it_is_tiny(self) -> None:
        chance = random.Random(1)
        signs = Signs(Plan(total_steps=400, learning_rate=1e-7))
        found = told(signs, [noisy(0.69, chance) for _ in range(400)])
        assert codes(found) == ["loss_flat"] and found[0].remedy == {"training.learning_rate": 3e-5}
        assert "1e-07" in found[0].advice and "not falling" in found[0].title

    def test_that_does_not_fall_at_a_high_rate_wants_a_smaller_one(self) -> None:
        found = told(Signs(Plan(total_steps=300, learning_rate=1e-3)), [1.4] * 300)
        assert found[0].remedy == {"training.learning_rate": 1e-4}

    def test_that_does_not_fall_is_no_worry_while_the_checks_get_better(self) -> None:
        signs = Signs(PLAN)
        found = told(signs, [0.69] * 60)
        found += [*signs.checked(60, 1, 0.69, 0.5, {"f1": 0.5}), *signs.checked(80, 2, 0.68, 0.6, {"f1": 0.6})]
        assert not codes(found + told(signs, [0.69] * 300, start=61))

    def test_that_rises_is_told_with_a_smaller_rate(self) -> None:
        chance = random.Random(2)
        curve = [0.7 - step / 400 for step in range(160)] + [0.3 + step / 60 for step in range(120)]
        found = told(Signs(PLAN), [noisy(value, chance, 0.1) for value in curve])
        assert codes(found) == ["loss_rising"] and found[0].remedy == {"training.learning_rate": 2e-5}

    def test_that_jumps_in_the_first_steps_is_told_though_it_falls_from_there(self) -> None:
        chance = random.Random(3)
        jump = [1.6, 1.6, 2.9, 13.0, 24.0, 55.0, 108.0] + [noisy(300 * 0.96**step, chance, 20) for step in range(80)]
        found = told(Signs(Plan(total_steps=87, learning_rate=1.0, warmup_steps=9)), jump)
        assert codes(found) == ["loss_rising"] and found[0].remedy == {"training.learning_rate": 1e-4}
        assert "around step 3" in found[0].advice

    def test_is_told_again_only_after_it_was_well_for_long(self) -> None:
        wave = [2.0] * 40 + [1.0] * 60 + [4.0] * 60 + [1.0] * 60 + [4.0] * 60
        assert codes(told(Signs(PLAN), wave)) == ["loss_rising"]
        assert codes(told(Signs(PLAN), wave[:160] + [1.0] * 400 + wave[160:])) == ["loss_rising"] * 2
        assert not told(Signs(PLAN, already=("loss_rising",)), wave)


class TestTheGradient:
    def test_that_explodes_again_and_again_is_told(self) -> None:
        norms = [1.0] * 60 + [1.0, 50.0] * 10
        found = told(Signs(PLAN), FALLING, norms)
        assert codes(found) == ["gradient_exploding"] and "50" in found[0].title and "cut to 1" in found[0].advice

    def test_is_cut_by_the_remedy_where_nothing_cuts_it(self) -> None:
        signs = Signs(Plan(total_steps=100, learning_rate=3e-4, max_grad_norm=0))
        found = told(signs, FALLING, [1.0] * 60 + [1.0, 50.0] * 10)
        assert found[0].remedy == {"training.learning_rate": 1e-4, "training.max_grad_norm": 1.0}

    def test_of_one_odd_step_is_no_sign(self) -> None:
        assert not told(Signs(PLAN), FALLING, [1.0] * 60 + [500.0] + [1.0] * 19)


class TestChecks:
    def run(self, validation: list[float], marks: list[float], training: list[float]) -> list[Sign]:
        signs, found = Signs(PLAN), []
        for epoch, (loss, mark, trained) in enumerate(zip(validation, marks, training, strict=True)):
            found += told(signs, [trained] * 100, start=epoch * 100 + 1)
            found += signs.checked(epoch * 100 + 100, epoch + 1, loss, mark, {"accuracy": mark})
        return found

    def test_that_get_worse_while_training_gets_better_are_overfitting_since_the_best(self) -> None:
        found = self.run([0.5, 0.4, 0.46, 0.55], [0.8, 0.85, 0.84, 0.84], [0.6, 0.4, 0.2, 0.1])
        assert codes(found) == ["overfitting"] and "step 200" in found[0].title
        assert found[0].remedy == {"training.num_train_epochs": 2} and "from 0.4 to 0.55" in found[0].advice

    def test_whose_score_still_rises_are_not(self) -> None:
        assert not self.run([0.5, 0.4, 0.46, 0.55], [0.8, 0.85, 0.86, 0.87], [0.6, 0.4, 0.2, 0.1])

    def test_that_always_answer_alike_have_nothing_by_heart(self) -> None:
        found = self.run([0.9, 0.7, 0.8, 1.1], [0.5] * 4, [1.5, 2.0, 1.6, 1.4])
        assert "metric_flat" in codes(found) and "overfitting" not in codes(found)

    def test_with_the_very_same_scores_are_told_unless_something_is_learned(self) -> None:
        found = self.run([0.69, 0.69, 0.69], [0.55] * 3, [0.69, 0.68, 0.69])
        assert "metric_flat" in codes(found) and "always answers alike" in found[-1].title
        assert not self.run([0.69, 0.6, 0.5], [0.55] * 3, [0.69, 0.5, 0.4])
        assert "metric_flat" not in codes(self.run([0.01] * 3, [1.0] * 3, [0.01] * 3))


class TestTimes:
    def test_batches_that_come_slowly_are_told_with_more_processes(self) -> None:
        found = list(Signs(Plan(100, 1e-4, num_workers=0)).timed(50, 80, None, has_gpu=False))
        assert codes(found) == ["data_slow"] and "62 %" in found[0].title
        assert found[0].remedy == {"training.dataloader_num_workers": 2}
        assert not list(Signs(PLAN).timed(20, 30, None, has_gpu=False)), "too early to say"
        assert not list(Signs(PLAN).timed(50, 80, 95.0, has_gpu=True)), "the GPU works on meanwhile"
        assert not list(Signs(PLAN).timed(5, 80, None, has_gpu=False))

    def test_a_gpu_that_waits_is_told_with_a_larger_batch(self) -> None:
        found = list(Signs(Plan(100, 1e-4, batch_size=8)).timed(5, 80, 12.0, has_gpu=True))
        assert codes(found) == ["gpu_starved"] and found[0].remedy == {"training.per_device_train_batch_size": 16}
        assert not list(Signs(PLAN).timed(5, 80, 85.0, has_gpu=True))


def test_a_sign_is_told_in_the_readers_language() -> None:
    plan = Plan(total_steps=100, learning_rate=0.01, batch_size=4)
    slow = Times(plan).seen(70.0, 100.0, None, False)["data_slow"]
    starved = Times(plan).seen(0.0, 100.0, 12.4, True)["gpu_starved"]
    assert slow is not None and starved is not None
    assert starved.title == "The GPU is used by 12 % only: it mostly waits."
    told_again = events.decode(
        events.encode(events.Noticed(level="warning", title=starved.title, detail=starved.advice))
    )
    assert isinstance(told_again, events.Noticed)
    with speaking(LANGUAGES["de"]):
        assert languages.told(slow.title) == "70\u00a0% der Zeit vergehen mit Warten auf Beispiele statt mit Lernen."
        assert languages.told(told_again.detail).startswith(
            "Ein Stapel von 4 ist wenig Arbeit für sie. Mit 8 schafft sie mehr"
        )
