"""Who may do what: one table of the rights of every process, and how it reaches Kafka and Elasticsearch."""
