"""History in Postgres: the tables, their address, and the border where its errors become ours."""
