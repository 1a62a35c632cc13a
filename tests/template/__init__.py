"""What the template watches, shows and keeps out."""
