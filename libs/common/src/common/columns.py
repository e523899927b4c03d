"""Frames without the thread pool: where handing over to another thread costs more than the work."""

import polars as pl


def in_one_piece(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with each column in one piece of memory.

    `DataFrame.rechunk` does the same on polars' thread pool: on a busy machine the caller then
    waits for a thread to be woken, for a copy of a few kilobytes.
    """
    return pl.DataFrame([column.rechunk() for column in frame.get_columns()])
