"""How people answer outside the chat: who they are, their passkeys, what they signed, and the approval page."""
