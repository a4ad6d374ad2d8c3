"""The shell of every long-running process: its lifecycle, its options, what it counts."""
