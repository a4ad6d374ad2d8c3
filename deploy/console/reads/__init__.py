"""What the console shows, read from Elasticsearch and Kafka into typed answers."""
