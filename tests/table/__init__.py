"""Tests of the table port."""
