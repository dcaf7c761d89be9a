"""Catalogue data of offers. It informs about a purchase; only the preview decides."""
