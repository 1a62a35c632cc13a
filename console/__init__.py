"""What support and operators type: `python -m console`."""
