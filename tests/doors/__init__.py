"""Tests of the doors to AWS."""
