"""Connections: settings of the Kafka clients, and the topics provisioned."""
