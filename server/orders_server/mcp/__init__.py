"""The MCP side of the tools and the prompt: schemas, annotations, elicitation and error results."""
