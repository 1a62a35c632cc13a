"""Tests of packaging and of both ways of deploying."""
