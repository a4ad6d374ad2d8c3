"""Real Kafka and Elasticsearch on this machine, from a lock list of artifacts, started and stopped by us."""
