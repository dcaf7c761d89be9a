"""A server of the same SDK that offers nothing: what no server in this interpreter can be faster than."""

from mcp.server.mcpserver import MCPServer

if __name__ == "__main__":
    MCPServer("bare").run("stdio")
