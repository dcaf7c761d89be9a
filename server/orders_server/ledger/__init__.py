"""The ledger: purchases, their placements and events, in SQL."""
