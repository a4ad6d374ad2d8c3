"""Kibana: data views and dashboards as files, packed and imported; dead letters as an index that a dashboard can chart."""
