"""Every write of moderation that has consequences."""
