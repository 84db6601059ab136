"""The first program on a rented machine, sent in the Job's own command: it fetches the private repository, unpacks
Tunesmith from it, and hands over to ``core.jobs.aboard`` with the packages that are pinned there.

It stands alone: nothing but ``huggingface_hub`` is installed when it runs. The token comes as a secret of the Job.
"""

import os
import tempfile
import time
import zipfile
from pathlib import Path

from huggingface_hub import snapshot_download


def main() -> None:
    began = time.time()
    place = Path(tempfile.mkdtemp(prefix="tunesmith-"))
    parcel = Path(
        snapshot_download(
            os.environ["TUNESMITH_REPO"],
            repo_type="dataset",
            revision=os.environ["TUNESMITH_COMMIT"],
            token=os.environ["HF_TOKEN"],
            local_dir=place / "parcel",
        )
    )
    program = place / "program"
    with zipfile.ZipFile(parcel / "program.zip") as archive:
        archive.extractall(program)
    os.chdir(program)
    os.environ["TUNESMITH_BEGAN"] = str(began)
    wanted = ["--no-project", "--python", "3.11", "--with-requirements", "requirements.lock"]
    print("Tunesmith is unpacked; its packages are being installed.", flush=True)
    os.execvp("uv", ["uv", "run", *wanted, "python", "-m", "core.jobs.aboard", str(parcel)])


if __name__ == "__main__":
    main()
