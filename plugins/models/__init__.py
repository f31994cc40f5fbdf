"""Language models: Ollama, and every server that speaks the protocol of OpenAI."""
