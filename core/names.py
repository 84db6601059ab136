"""Words for run ids that people can say to each other: ``2026-11-22-brave-otter``."""

ADJECTIVES = (
    "able", "amber", "bold", "brave", "brief", "bright", "brisk", "calm", "clear", "clever", "crisp", "daring",
    "deep", "eager", "early", "fair", "fleet", "fond", "fresh", "gentle", "glad", "golden", "grand", "green",
    "happy", "hardy", "honest", "humble", "jolly", "keen", "kind", "lively", "loyal", "lucky", "mellow", "merry",
    "mild", "neat", "nimble", "noble", "patient", "plucky", "polite", "proud", "quick", "quiet", "rapid", "ready",
    "rosy", "royal", "sharp", "silver", "smooth", "snug", "steady", "sunny", "swift", "tidy", "warm", "wise",
)  # fmt: skip

ANIMALS = (
    "badger", "bear", "beaver", "bison", "bunting", "camel", "cat", "cheetah", "crane", "cricket", "deer",
    "dolphin", "dove", "eagle", "egret", "elk", "falcon", "ferret", "finch", "fox", "frog", "gecko", "gull", "hare",
    "hawk", "heron", "horse", "ibex", "jay", "kestrel", "koala", "lark", "lemur", "linnet", "lion", "llama", "lynx",
    "marten", "mole", "moose", "newt", "otter", "owl", "panda", "parrot", "pigeon", "puffin", "quail", "rabbit",
    "raven", "robin", "salmon", "seal", "sparrow", "stork", "swan", "tiger", "toad", "trout", "turtle", "vole",
    "whale", "wolf", "wombat", "wren", "yak", "zebra",
)  # fmt: skip
