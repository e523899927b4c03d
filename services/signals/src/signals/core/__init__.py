"""Pure scoring: one indicator frame in, one signal with everything it was made of out."""
