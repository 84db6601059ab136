"""Closed models that lie on this machine are described and used only for people whom the Hub lets see them."""

from __future__ import annotations

from pathlib import Path

from tests.small_hub import SmallHub
from tests.small_hub.asking import ask
from tests.small_hub.demo_models import GATED_MODEL, OPEN, PRIVATE_MODEL, add_model

MODELS = (OPEN, GATED_MODEL, PRIVATE_MODEL)
CODE = f"""
from core.errors import StudioError
from core.hub.identity import MACHINE, NOBODY, Identity, asking_as
from core.models.checkpoints import describe, resolve
from core.studio import Studio

def told(do):
    try:
        return do()
    except StudioError as exc:
        return exc.title

def all_as(who):
    with asking_as(who):
        known = [told(lambda: describe(name).architecture) for name in {MODELS}]
        used = [told(lambda: resolve(name).name) for name in {MODELS}]
        told(lambda: [Studio().model_facts(name) for name in {MODELS}])
        return [known, used, [told(lambda: describe(name).architecture) for name in {MODELS}]]
"""


def test_what_one_person_downloaded_is_not_shown_to_another(
    small_hub: SmallHub, tiny_bert: Path, tmp_path: Path, home: Path
) -> None:
    anna, ben, carl = (small_hub.user(name) for name in ("anna", "ben", "carl"))
    commits = [
        add_model(small_hub, OPEN, tiny_bert),
        add_model(small_hub, GATED_MODEL, tiny_bert, gated="auto"),
        add_model(small_hub, PRIVATE_MODEL, tiny_bert, private=True),
    ]
    small_hub.repo(GATED_MODEL, "models").accepted |= {"anna", "carl"}

    found = ask(
        small_hub,
        tmp_path / "huggingface",
        f"""{CODE}
people = {{"nobody": NOBODY, "ben": Identity("token", "{ben}"), "carl": Identity("token", "{carl}")}}
answer = {{"machine": all_as(MACHINE)}} | {{name: all_as(who) for name, who in people.items()}}
""",
        token=anna,
    )

    assert found["machine"][1:] == [commits, ["BERT"] * 3]
    gated = f"{GATED_MODEL} is open only to people who accepted its terms."
    private = f"There is no {PRIVATE_MODEL} on the Hugging Face Hub that you may see."
    for name in ("nobody", "ben"):
        assert found[name] == [["BERT", "", ""], [commits[0], gated, private], ["BERT", "", ""]], name
    assert found["carl"] == [["BERT", "", ""], [*commits[:2], private], ["BERT", "BERT", ""]]

    small_hub.stop()
    found = ask(
        small_hub,
        tmp_path / "huggingface",
        f"""{CODE}
answer = {{"nobody": all_as(NOBODY), "carl": all_as(Identity("token", "{carl}")), "machine": all_as(MACHINE)}}
""",
        token=anna,
    )

    cannot = [f"Whether you may use {name} cannot be told: the Hugging Face Hub cannot be reached." for name in MODELS]
    assert found["machine"][1] == commits
    assert found["nobody"][1] == [commits[0], *cannot[1:]] and found["nobody"][2] == ["BERT", "", ""]
    assert found["carl"][1] == [*commits[:2], cannot[2]]
