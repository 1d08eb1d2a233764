"""Floor 0: the rules. Standard library only; the time is always an argument."""
