"""The four ordering tools: models, rules and the state of a purchase, over ports that the server fills."""
