"""The console, without AWS."""
