"""Every text that a person or a model reads, and the renderer; knows no tool."""
