"""What touches the world: the Xportcn client, the ledger, the sandbox, the MCP binding and the commands."""

__version__ = "0.1.0"
