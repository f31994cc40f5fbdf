"""What Kibana shows of the findings."""
