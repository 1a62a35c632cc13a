"""The sandbox's pure parts."""
