"""The server: the Xportcn client, the ledger, the MCP and HTTP endpoints, and the commands."""

__version__ = "0.1.0"
