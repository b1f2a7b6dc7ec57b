"""Every write of engagement that has consequences."""
