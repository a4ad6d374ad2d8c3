"""Stories become searchable: each verdict has its effect in Elasticsearch, and people search there."""
