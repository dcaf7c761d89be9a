"""Uses internals of the SDK, uvicorn and h11 that are not part of their public API; `test_hooks.py` lists them."""
