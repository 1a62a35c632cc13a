"""Envoi: pay by social network. The README tells the way of a payment."""
