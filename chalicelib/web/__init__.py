"""What is reached by HTTP: the networks' webhooks and the payer's pages."""
