"""The part of a run's page that leads out: the Hub, a demo, example code, and the model's files to take home."""
