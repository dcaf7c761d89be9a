"""The client of the Xportcn ordering API: signing, sending, and translating answers to the domain."""
