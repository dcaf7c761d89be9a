"""MCP over HTTP: what stands before the SDK's endpoint, how it listens, how it stops, what it logs."""
