"""Who somebody is: persons, their social identities, and the security code."""
