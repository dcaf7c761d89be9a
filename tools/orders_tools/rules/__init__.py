"""The rules: what blocks a preview, what a refusal means, what changed since the yes, what an answer proves."""
