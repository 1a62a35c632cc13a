"""Orders to pay: how they are read, how they wait, how they end."""
