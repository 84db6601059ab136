"""How the examples of one correction come to the model: in parts of like length, so that little of it is padding."""
