"""Elasticsearch: settings, requests, bulk writes, and what each answer means."""
