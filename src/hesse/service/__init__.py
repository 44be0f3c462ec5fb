"""The application service: the only place that makes results, and makes them verified."""
