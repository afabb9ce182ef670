"""Raw pages in, a published index out."""
