"""A sheet into a document: Word or PDF, sealed or to be filled in."""
