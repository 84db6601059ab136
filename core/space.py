"""Whether the Hub runs the app, as a Space, and whether what is written there is still there after a restart."""

from __future__ import annotations

import fcntl
import mmap
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from core import home, machine
from core.errors import ConfigError
from core.models.types import Note
from core.people.types import Mode
from core.said import said, together

DATA = Path("/data")
"""Where the Hub mounts the storage of a Space, where it has any."""
_LOGIN = ("OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES", "OPENID_PROVIDER_URL")


def is_space() -> bool:
    """Whether the Hub runs the app."""
    return os.environ.get("SYSTEM") == "spaces" and bool(os.environ.get("SPACE_ID"))


def has_login() -> bool:
    """Whether people sign in through the Hub's own page: on a Space that asks for it with ``hf_oauth: true``."""
    return is_space() and all(os.environ.get(name) for name in _LOGIN)


def duplicate_page() -> str:
    """The page of the Hub that makes a copy of this Space for whoever asks; empty elsewhere."""
    return f"https://huggingface.co/spaces/{os.environ['SPACE_ID']}?duplicate=true" if is_space() else ""


def is_zero() -> bool:
    """Whether the Space borrows a GPU for a minute at a time (ZeroGPU), which no training can use."""
    return is_space() and os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def mode(wanted: Mode | None) -> Mode:
    """How the app is started: as somebody says, else for one person; on a Space, where everybody can come, for a team.

    Raises ``ConfigError`` on a Space where nobody could sign in: all would share the runs and files of one person.
    """
    if wanted is not None or not is_space():
        return wanted or "local"
    if has_login():
        return "team"
    raise ConfigError(
        "Nobody can sign in on this Space, so everybody who opens it would have the same runs and files.",
        "Put hf_oauth: true into the head of its README.md, as it comes. Or, for a private Space of yours alone, set "
        "the variable TUNESMITH_MODE to local in its settings.",
    )


# Storage


def settle() -> None:
    """Have the home on the storage of the Space, where it has one that can hold runs and nothing else was said."""
    if is_space() and not os.environ.get(home.HOME) and os.path.ismount(DATA) and why_unfit(DATA) == "":
        os.environ[home.HOME] = str(DATA / "tunesmith")


def why_unfit(folder: Path) -> str:
    """Why runs cannot be kept in this folder, in words; empty where they can.

    It is tried: a file is locked, written on, renamed with its folder and read through memory, as a run needs it. A
    bucket can be mounted in ways that cannot do all of this.
    """
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".trial-") as name:
            place = Path(name, "before")
            place.mkdir()
            with open(place / "file", "ab") as file:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                file.write(b"one\n")
                file.flush()
            with open(place / "file", "ab") as file:
                file.write(b"two\n")
                file.flush()
                os.fsync(file.fileno())
            os.rename(place, Path(name, "after"))
            with (
                open(Path(name, "after", "file"), "rb") as read,
                mmap.mmap(read.fileno(), 0, access=mmap.ACCESS_READ) as seen,
            ):
                if seen[:] != b"one\ntwo\n":
                    return said("what is written on there does not come back")
    except OSError as exc:
        return said("it cannot hold a run that goes on ({reason})", reason=exc.strerror or exc)
    return ""


def vanishing() -> str:
    """Where a restart empties the home, why, as a sentence; empty where what is there stays."""
    if not is_space() or _mount_of(home.root()) != Path("/"):
        return ""
    if not os.path.ismount(DATA):
        return NO_STORAGE
    reason = why_unfit(DATA) or said("another folder was named")
    return said("The storage at {folder} is not used, because {reason}.", folder=DATA, reason=reason)


def _mount_of(folder: Path) -> Path:
    return next(place for place in (folder.resolve(), *folder.resolve().parents) if os.path.ismount(place))


# What to say before a run


def before_start() -> list[Note]:
    """What a person should hear of this Space before they start a run; nothing elsewhere."""
    notes = []
    if why := vanishing():
        words = said(
            "Keep it in a private repository of yours when it is through: “Kept runs” does so, by itself if you like."
        )
        notes.append(Note(together(why, said("This run vanishes then.")), words, "warning"))
    return [*notes, *(replace(note, detail=together(note.detail, _copy())) for note in hardware())]


def hardware() -> list[Note]:
    """What cannot be computed on this Space, or only slowly."""
    if is_zero():
        return [Note(*ZERO, "warning")]
    if not is_space() or machine.has_gpu():
        return []
    return [Note(NO_GPU, SLOW)]


def _copy() -> str:
    return said(
        "With a GPU of your own: duplicate this Space and choose one there ({address}).", address=duplicate_page()
    )


NO_STORAGE = said("This Space has no storage of its own: a restart empties its disk.")
ZERO = (
    said("The GPU of this Space is not used."),
    said(
        "ZeroGPU lends one for a minute at a time, to functions inside of the app, and here models live in processes "
        "of their own: training and answers compute on the processors."
    ),
)
NO_GPU = said("This Space has no GPU: it computes on its processors.")
SLOW = said("That is enough for small models that sort or read short texts; one that writes takes hours to days.")
