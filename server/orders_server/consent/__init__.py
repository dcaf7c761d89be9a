"""How people answer outside the chat: who they are, their passkeys, and what they signed."""
