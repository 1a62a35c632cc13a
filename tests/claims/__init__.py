"""Money that is held for somebody who is not linked yet."""
