"""Runs on rented machines of the Hugging Face Hub: what goes along, what is agreed to, how they are followed."""
