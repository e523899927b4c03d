"""Pure indicator mathematics: one timeframe's closed candles in, columns out."""
