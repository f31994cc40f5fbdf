"""Elasticsearch: records from it, findings and labels into it, and what Kibana shows of them."""
