"""Money: accounts, the two legs of a transfer, and the books."""
