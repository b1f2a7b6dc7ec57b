"""Moderation's pages."""
