"""The rules: what blocks a preview, what a refusal means, what changed after the yes, what an answer proves."""
