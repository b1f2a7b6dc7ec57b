"""Every write of forums that has consequences, by noun."""
