"""Object storage of the user's own: S3 and Google Cloud Storage over our transport, each with its own credentials."""
