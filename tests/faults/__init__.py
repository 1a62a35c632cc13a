"""Each dependency broken on purpose: what customers and X see meanwhile, and that all comes right afterwards."""
