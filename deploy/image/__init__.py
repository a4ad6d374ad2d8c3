"""The container image of every process, and the probe by which an orchestrator knows that one is at work."""
