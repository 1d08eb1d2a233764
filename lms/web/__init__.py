"""Floor 3: the entrance. One room per reader; each room has its views and forms."""
