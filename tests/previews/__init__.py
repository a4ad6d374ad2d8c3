"""Pictures of the Kibana dashboards, drawn from their saved objects without Kibana: `make dashboards`."""
