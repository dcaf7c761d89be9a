"""What this server uses of the SDK, uvicorn and h11 that they do not promise; `test_hooks.py` names it."""
