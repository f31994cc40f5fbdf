"""The dashboard: pages that the server renders, live by Server-Sent Events."""
