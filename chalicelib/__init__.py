"""Envoi: pay by social network. See docs/architecture.md for the way of a payment."""
