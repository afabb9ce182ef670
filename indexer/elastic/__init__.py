"""What the store and the writer of Elasticsearch share: the client, the lock, bulk requests."""
