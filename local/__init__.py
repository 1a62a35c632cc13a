"""The local AWS and what plays the outside there; never shipped."""
