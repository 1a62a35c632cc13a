"""The two public doors under whatever a stranger can send, and their description in docs/openapi.json."""
