"""The ordering tools: models, rules and purchase state, over ports that the server implements."""
