"""One module per foreign library: Ollama, OpenAI-style servers, Postgres."""
