"""What operators see of a stage: one log, redacted line by line, and counted events."""
