"""Work in the background: jobs are rows, enqueued inside the transaction that needs them."""
