"""The skin: Gradio pages that draw what ``core.studio`` says. Nothing here imports torch, transformers or datasets."""
