"""What leaves the advisor as files."""
