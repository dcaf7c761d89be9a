"""MCP over HTTP: middleware before the SDK's endpoint, listening, stopping and logging."""
