"""What a dataset holds at a commit: its subsets and their splits. Asked for once, remembered for use without a network.

Most datasets say it in the head of their card; for others the library ``datasets`` finds out in its own process.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from core.data.hub import access
from core.data.hub.client import ask
from core.data.hub.failures import explained, script_only
from core.data.hub.network import is_reachable, need_network
from core.data.hub.places import folder_of, is_commit, repo_of
from core.data.hub.types import HubSplit, HubSubset
from core.data.origins import Origin
from core.data_config import HUB
from core.errors import DataError
from core.hub.identity import to_send
from core.runs import write_atomically
from core.said import said

_FRESH_SECONDS = 600
"""So long a branch is taken to stand where it stood when it was last asked for."""
_TABLE_ENDINGS = (".csv", ".tsv", ".json", ".jsonl", ".parquet", ".arrow", ".txt", ".xml", ".zip", ".gz", ".zst")
_MAIN = "main"


@dataclass(frozen=True)
class Contents:
    """``default`` is the subset that is taken when none is named; empty when one must be named."""

    subsets: tuple[HubSubset, ...]
    default: str

    def subset(self, name: str) -> HubSubset | None:
        return next((subset for subset in self.subsets if subset.name == name), None)


def info_of(repo: str, revision: str | None = None) -> Any:
    """What the Hub tells of a dataset at a revision (a ``DatasetInfo``); its commit is remembered."""
    from huggingface_hub import HfApi

    need_network()
    try:
        info = HfApi().dataset_info(repo, revision=revision, timeout=10, token=to_send())
    except Exception as exc:
        raise explained(exc, repo, revision) from exc
    _remember_commit(repo, revision, str(info.sha))
    access.note(repo, info)
    return info


def commit_of(origin: Origin) -> str:
    """The commit that an origin's revision stands for, asked of the Hub or, without a network, as it last was.

    Raises ``DataError`` where whoever asks may not see the dataset: every way to its tables leads through here.
    """
    repo, revision = repo_of(origin), origin.revision
    access.need_access(repo)
    if revision is not None and is_commit(revision):
        return revision
    commit, seen = _remembered_commits(repo).get(revision or _MAIN, ("", 0.0))
    if commit and (time.time() - seen < _FRESH_SECONDS or not is_reachable()):
        return commit
    need_network(repo)
    return str(info_of(repo, revision).sha)


def contents_of(repo: str, commit: str, info: Any = None) -> Contents:
    """What a dataset holds at a commit. ``info``, where it is at hand, saves a question."""
    kept = folder_of(repo) / f"{commit}.json"
    try:
        return _from_record(json.loads(kept.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        pass
    if info is None:
        need_network(repo)
        info = info_of(repo, commit)
    _refuse_script(repo, info)
    card = info.card_data.to_dict() if info.card_data is not None else {}
    found = from_card(card) or _from_record(ask({"do": "contents", "repo": repo, "commit": commit}, repo))
    write_atomically(kept, json.dumps(asdict(found)))
    return found


def settled(origin: Origin) -> Origin:
    """The same origin with its commit as revision, and with the subset and the split that it means.

    Raises ``DataError`` when there is no such subset or split, or several and none is named.
    """
    repo = repo_of(origin)
    if "/" not in repo:  # an old name without an owner: the Hub knows where it leads
        origin = replace(origin, source=HUB + str(info_of(repo, origin.revision).id))
        repo = origin.repo
    commit = commit_of(origin)
    contents = contents_of(repo, commit)
    name = origin.subset or contents.default
    names = [subset.name for subset in contents.subsets]
    if not name:
        advice = said("Name one as subset (on the command line, --subset): {names}.", names=_some(names))
        raise DataError(said("{repo} holds {count} tables, called subsets.", repo=repo, count=len(names)), advice)
    subset = contents.subset(name)
    if subset is None:
        title = said("{repo} has no subset {name}.", repo=repo, name=repr(name))
        raise DataError(title, said("Its subsets are: {names}.", names=_some(names)))
    splits = [split.name for split in subset.splits]
    split = origin.split or ("train" if "train" in splits or not splits else splits[0])
    if split not in splits:
        where = f"{repo} ({name})" if len(names) > 1 else repo
        title = said("{place} has no split {split}.", place=where, split=repr(split))
        raise DataError(title, said("Its splits are: {names}.", names=_some(splits)))
    return replace(origin, revision=commit, subset=name, split=split)


def from_card(card: Mapping[str, Any]) -> Contents | None:
    """What the head of a card tells, or None where it leaves the splits of a subset open."""
    configs = card.get("configs")
    if not isinstance(configs, list) or not configs:
        return None
    infos = card.get("dataset_info") or []
    by_name = {
        str(one.get("config_name", "default")): one
        for one in (infos if isinstance(infos, list) else [infos])
        if isinstance(one, dict)
    }
    subsets = []
    for config in configs:
        if not isinstance(config, dict) or "config_name" not in config:
            return None
        subset = _subset(str(config["config_name"]), config.get("data_files"), by_name)
        if subset is None:
            return None
        subsets.append(subset)
    chosen = [str(config["config_name"]) for config in configs if config.get("default")]
    return Contents(tuple(subsets), chosen[0] if chosen else default_of([subset.name for subset in subsets]))


def default_of(names: list[str]) -> str:
    """The subset that is meant when none is named, as ``datasets`` takes it: ``default``, or the only one."""
    return "default" if "default" in names else names[0] if len(names) == 1 else ""


def _subset(name: str, files: Any, infos: Mapping[str, Mapping[str, Any]]) -> HubSubset | None:
    if not isinstance(files, list) or not all(isinstance(one, dict) and "split" in one for one in files):
        return None
    info = infos.get(name, {})
    told = {str(split["name"]): split for split in info.get("splits") or [] if isinstance(split, dict)}
    splits = tuple(
        HubSplit(split, _whole(told.get(split, {}).get("num_examples")), _whole(told.get(split, {}).get("num_bytes")))
        for split in (str(one["split"]) for one in files)
    )
    return HubSubset(name, splits, _whole(info.get("download_size")))


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None


def _refuse_script(repo: str, info: Any) -> None:
    """Raise when there is nothing but a program to make the tables with."""
    names = [sibling.rfilename for sibling in info.siblings or []]
    if f"{repo.rpartition('/')[2]}.py" in names and not any(name.endswith(_TABLE_ENDINGS) for name in names):
        raise script_only(repo)


def _remembered_commits(repo: str) -> dict[str, tuple[str, float]]:
    try:
        found = json.loads((folder_of(repo) / "revisions.json").read_text(encoding="utf-8"))
        return {revision: (commit, seen) for revision, (commit, seen) in found.items()}
    except (FileNotFoundError, ValueError):
        return {}


def _remember_commit(repo: str, revision: str | None, commit: str) -> None:
    if not is_commit(revision):
        known = _remembered_commits(repo) | {revision or _MAIN: (commit, time.time())}
        write_atomically(folder_of(repo) / "revisions.json", json.dumps(known))


def _from_record(record: Mapping[str, Any]) -> Contents:
    subsets = tuple(
        HubSubset(one["name"], tuple(HubSplit(**split) for split in one["splits"]), one["download_bytes"])
        for one in record["subsets"]
    )
    return Contents(subsets, record["default"])


def _some(names: list[str]) -> str:
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
