"""Purchases under crashes, faults and crowds: what both ledgers say afterwards has to agree."""
