"""The tools and the prompt as MCP has them: schemas, annotations, elicitation and error results."""
