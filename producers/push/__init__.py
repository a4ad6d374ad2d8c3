"""HTTP push: pages that others send, answered after Kafka has acknowledged them."""
