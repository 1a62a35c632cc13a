"""The tests of Envoi; `tests/bank.py` is the small bank that most of them start from."""
