"""The Xportcn ordering API: signing, reading its answers, and translation to the domain."""
