"""What the analyst decides without touching anything: facts by id, prompts, and the check."""
