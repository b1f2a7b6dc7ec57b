"""Every write of members that has consequences."""
