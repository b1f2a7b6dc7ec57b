"""Shapes of input. None of these saves, none knows permissions."""
