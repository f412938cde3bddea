"""Jobs: their states, their journal, the thread that follows them, their downloads."""
