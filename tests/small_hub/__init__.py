"""A small Hugging Face Hub for tests: real HTTP on loopback, driven by the unmodified clients.

    with SmallHub() as hub:
        hub.add("owner/reviews", {"train.csv": "text,label\\nfine,good\\n"})
        subprocess.run(..., env=os.environ | hub.environment(tmp_path / "huggingface"))

``HF_ENDPOINT`` is read when the clients are imported, so they run in processes of their own.
``python -m tests.small_hub`` starts one by hand, with a few datasets and models.
"""

from tests.small_hub.server import SmallHub

__all__ = ["SmallHub"]
